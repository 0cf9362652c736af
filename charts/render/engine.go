package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

// maxIncludes is how often a template may include itself, as in helm.
const maxIncludes = 1000

// versions is .Capabilities.APIVersions.
type versions []string

// Has tells whether the cluster serves an apiVersion, or apiVersion/Kind.
func (all versions) Has(version string) bool {
	for _, each := range all {
		if each == version {
			return true
		}
	}
	return false
}

// files is .Files.
type files map[string]string

// Get is the text of a file of the chart, or nothing.
func (all files) Get(name string) string { return all[name] }

// Glob finds the files whose path fits.
func (all files) Glob(pattern string) files {
	found := files{}
	for name, text := range all {
		if fits, _ := path.Match(pattern, name); fits {
			found[name] = text
		}
	}
	return found
}

// AsConfig is the files as the data of a ConfigMap.
func (all files) AsConfig() string {
	data := map[string]string{}
	for name, text := range all {
		data[path.Base(name)] = text
	}
	return toYaml(data)
}

// kubeVersion is .Capabilities.KubeVersion.
type kubeVersion struct{ Version, Major, Minor string }

func (v kubeVersion) String() string     { return v.Version }
func (v kubeVersion) GitVersion() string { return v.Version }

func render(from *chart, each Case, values map[string]interface{}) (map[string]string, error) {
	root := template.New("charts").Option("missingkey=zero")
	root.Funcs(functions(root, each))
	for _, name := range sortedKeys(from.templates) {
		if _, err := root.New(name).Parse(from.templates[name]); err != nil {
			return nil, err
		}
	}
	base := map[string]interface{}{
		"Values": values,
		"Chart":  from.metadata,
		"Files":  files(from.files),
		"Release": map[string]interface{}{
			"Name": each.Release, "Namespace": each.Namespace, "Service": "Helm", "IsInstall": !each.Upgrade, "IsUpgrade": each.Upgrade, "Revision": revision(each.Upgrade),
		},
		"Capabilities": map[string]interface{}{
			"APIVersions": append(versions{"v1", "apps/v1", "batch/v1", "autoscaling/v2", "networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1"}, each.APIVersions...),
			"KubeVersion": kubeVersion{"v1.30.0", "1", "30"},
		},
	}
	rendered := map[string]string{}
	for _, name := range sortedKeys(from.templates) {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		here := map[string]interface{}{"Template": map[string]interface{}{"Name": name, "BasePath": path.Join(fmt.Sprint(from.metadata["Name"]), "templates")}}
		for key, value := range base {
			here[key] = value
		}
		var text strings.Builder
		if err := root.ExecuteTemplate(&text, name, here); err != nil {
			return nil, err
		}
		// A value that is not there prints this, with missingkey=zero too; helm takes it away.
		rendered[name] = strings.ReplaceAll(text.String(), "<no value>", "")
	}
	return rendered, nil
}

func revision(upgrade bool) int {
	if upgrade {
		return 2
	}
	return 1
}

func functions(root *template.Template, each Case) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	included := map[string]int{}
	all["include"] = func(name string, data interface{}) (string, error) {
		if included[name] > maxIncludes {
			return "", fmt.Errorf("template %s includes itself without end", name)
		}
		included[name]++
		defer func() { included[name]-- }()
		var text strings.Builder
		err := root.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	all["tpl"] = func(source string, data interface{}) (string, error) {
		clone, err := root.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := clone.New("tpl").Parse(source)
		if err != nil {
			return "", err
		}
		var text strings.Builder
		err = parsed.Execute(&text, data)
		return strings.ReplaceAll(text.String(), "<no value>", ""), err
	}
	all["required"] = func(why string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return value, errors.New(why)
		}
		return value, nil
	}
	all["lookup"] = func(apiVersion, kind, namespace, name string) map[string]interface{} {
		if found, ok := each.Cluster[strings.Join([]string{apiVersion, kind, namespace, name}, "/")]; ok {
			return found
		}
		return map[string]interface{}{}
	}
	all["toYaml"] = toYaml
	all["fromYaml"] = func(text string) map[string]interface{} { return parsed[map[string]interface{}](text, yamlInto) }
	all["fromYamlArray"] = func(text string) []interface{} { return parsed[[]interface{}](text, yamlInto) }
	all["toJson"] = func(value interface{}) string {
		text, _ := json.Marshal(value)
		return string(text)
	}
	all["fromJson"] = func(text string) map[string]interface{} { return parsed[map[string]interface{}](text, jsonInto) }
	all["fromJsonArray"] = func(text string) []interface{} { return parsed[[]interface{}](text, jsonInto) }
	return all
}

func toYaml(value interface{}) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

func yamlInto(text string, into interface{}) error { return yaml.Unmarshal([]byte(text), into) }
func jsonInto(text string, into interface{}) error { return json.Unmarshal([]byte(text), into) }

func parsed[T any](text string, into func(string, interface{}) error) T {
	var value T
	_ = into(text, &value)
	return value
}
