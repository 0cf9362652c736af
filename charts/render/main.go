// Renders charts as helm does, for tests: Go's own templates, sprig, and the functions and objects that helm adds to them.
// Reads a JSON list of cases from standard input, writes a JSON list of results. Built from Debian's packages alone:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o render ./charts/render
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// Case is one rendering: a chart, and what a command line would say of it.
type Case struct {
	Chart     string                 `json:"chart"`
	Release   string                 `json:"release"`
	Namespace string                 `json:"namespace"`
	Values    map[string]interface{} `json:"values"`
	// Upgrade renders as `helm upgrade` does; else as `helm install`.
	Upgrade bool `json:"upgrade"`
	// APIVersions that the cluster has besides those that every one has.
	APIVersions []string `json:"apiVersions"`
	// Cluster is what lookup finds, by "apiVersion/kind/namespace/name".
	Cluster map[string]map[string]interface{} `json:"cluster"`
}

// Result is what came of a case: the text of each template by its path, or why there is none.
type Result struct {
	Files map[string]string `json:"files,omitempty"`
	// Values are the chart's with the case's over them: what values.schema.json is asked about.
	Values map[string]interface{} `json:"values,omitempty"`
	Error  string                 `json:"error,omitempty"`
}

func main() {
	var cases []Case
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Fprintln(os.Stderr, "the cases are not readable:", err)
		os.Exit(1)
	}
	results := make([]Result, len(cases))
	for i, each := range cases {
		chart, err := loadChart(each.Chart)
		if err != nil {
			results[i] = Result{Error: err.Error()}
			continue
		}
		values := mergeValues(chart.values, each.Values)
		files, err := render(chart, each, values)
		if err != nil {
			results[i] = Result{Values: values, Error: err.Error()}
			continue
		}
		results[i] = Result{Values: values, Files: files}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
