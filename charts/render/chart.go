package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

type chart struct {
	// metadata is Chart.yaml under the names that templates use: Name, AppVersion.
	metadata map[string]interface{}
	values   map[string]interface{}
	// templates by their path, as helm names them: CHART/templates/api.yaml.
	templates map[string]string
	// files are all others, by their path in the chart.
	files map[string]string
}

func loadChart(folder string) (*chart, error) {
	loaded := &chart{metadata: map[string]interface{}{}, values: map[string]interface{}{}, templates: map[string]string{}, files: map[string]string{}}
	about := map[string]interface{}{}
	if err := readYaml(filepath.Join(folder, "Chart.yaml"), &about); err != nil {
		return nil, err
	}
	for key, value := range about {
		loaded.metadata[strings.ToUpper(key[:1])+key[1:]] = value
	}
	if err := readYaml(filepath.Join(folder, "values.yaml"), &loaded.values); err != nil {
		return nil, err
	}
	return loaded, filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		inside, _ := filepath.Rel(folder, path)
		if strings.HasPrefix(inside, "templates/") {
			loaded.templates[fmt.Sprintf("%v/%s", loaded.metadata["Name"], inside)] = string(text)
		} else if inside != "Chart.yaml" && inside != "values.yaml" && inside != "values.schema.json" && inside != ".helmignore" {
			loaded.files[inside] = string(text)
		}
		return nil
	})
}

func readYaml(path string, into interface{}) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// mergeValues lays what is given over the chart's own: maps are joined, everything else is replaced, null takes away.
func mergeValues(own, given map[string]interface{}) map[string]interface{} {
	merged := map[string]interface{}{}
	for key, value := range own {
		merged[key] = value
	}
	for key, value := range given {
		below, isMap := value.(map[string]interface{})
		standing, wasMap := merged[key].(map[string]interface{})
		switch {
		case value == nil:
			delete(merged, key)
		case isMap && wasMap:
			merged[key] = mergeValues(standing, below)
		default:
			merged[key] = value
		}
	}
	return merged
}

func sortedKeys(of map[string]string) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
