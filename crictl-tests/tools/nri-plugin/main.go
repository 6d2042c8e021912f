// A plugin for tests: prints what it is told, one JSON object per line, and does what it reads from its standard input,
// one JSON object per line as well. It ends when its standard input does.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"

	"github.com/containerd/nri/pkg/api"
	"github.com/containerd/nri/pkg/stub"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// order is one line of input. It holds until another for the same event comes.
type order struct {
	// On names the event that the order is about.
	On string `json:"on"`
	// Hold keeps the event's call waiting until an order without it.
	Hold bool `json:"hold"`
	// Fail answers the event, or only the next one with Once, with this error.
	Fail string `json:"fail"`
	Once bool   `json:"once"`
	// Adjust is the answer to CreateContainer, Update that to any event that takes one.
	Adjust json.RawMessage   `json:"adjust"`
	Update []json.RawMessage `json:"update"`
	// Ask asks for Update at once, without an event.
	Ask bool `json:"ask"`
}

type plugin struct {
	stub   stub.Stub
	lock   sync.Mutex
	orders map[string]order
	change chan struct{}
}

func (p *plugin) obey(o order) {
	if o.Ask {
		go p.ask(o)
		return
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	p.orders[o.On] = o
	close(p.change)
	p.change = make(chan struct{})
}

func (p *plugin) ask(o order) {
	failed, err := p.stub.UpdateContainers(updates(o))
	ids := []string{}
	for _, one := range failed {
		ids = append(ids, one.GetContainerId())
	}
	say(map[string]any{"event": "Asked", "failed": ids, "error": text(err)})
}

// told prints an event, and returns what to answer once the orders let it.
func (p *plugin) told(event string, fields map[string]any) (order, error) {
	fields["event"] = event
	say(fields)
	for {
		p.lock.Lock()
		o, change := p.orders[event], p.change
		if o.Fail != "" && o.Once {
			delete(p.orders, event)
		}
		p.lock.Unlock()
		if o.Fail != "" {
			return o, errors.New(o.Fail)
		}
		if !o.Hold {
			return o, nil
		}
		<-change
	}
}

var output sync.Mutex

func say(fields map[string]any) {
	line, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func raw(message proto.Message) json.RawMessage {
	line, err := protojson.Marshal(message)
	if err != nil {
		panic(err)
	}
	return line
}

func updates(o order) []*api.ContainerUpdate {
	var all []*api.ContainerUpdate
	for _, line := range o.Update {
		update := &api.ContainerUpdate{}
		if err := protojson.Unmarshal(line, update); err != nil {
			panic(err)
		}
		all = append(all, update)
	}
	return all
}

func (p *plugin) pod(event string, pod *api.PodSandbox) error {
	_, err := p.told(event, map[string]any{"pod": raw(pod)})
	return err
}

func (p *plugin) container(event string, pod *api.PodSandbox, container *api.Container) (order, error) {
	return p.told(event, map[string]any{"pod": raw(pod), "container": raw(container)})
}

func (p *plugin) Configure(_ context.Context, config, runtime, version string) (stub.EventMask, error) {
	// A plugin that the runtime has launched has no output: its configuration names a file.
	if config != "" {
		file, err := os.OpenFile(config, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		os.Stdout = file
	}
	_, err := p.told("Configure", map[string]any{"config": config, "runtime": runtime, "version": version})
	return 0, err
}

func (p *plugin) Synchronize(_ context.Context, pods []*api.PodSandbox, containers []*api.Container) ([]*api.ContainerUpdate, error) {
	podIDs, containerIDs := []string{}, []string{}
	for _, pod := range pods {
		podIDs = append(podIDs, pod.GetId())
	}
	for _, container := range containers {
		containerIDs = append(containerIDs, container.GetId())
	}
	o, err := p.told("Synchronize", map[string]any{"pods": podIDs, "containers": containerIDs})
	say(map[string]any{"event": "Synchronized"})
	return updates(o), err
}

func (p *plugin) RunPodSandbox(_ context.Context, pod *api.PodSandbox) error {
	return p.pod("RunPodSandbox", pod)
}

func (p *plugin) UpdatePodSandbox(_ context.Context, pod *api.PodSandbox, overhead, resources *api.LinuxResources) error {
	_, err := p.told("UpdatePodSandbox",
		map[string]any{"pod": raw(pod), "overhead": raw(overhead), "resources": raw(resources)})
	return err
}

func (p *plugin) PostUpdatePodSandbox(_ context.Context, pod *api.PodSandbox) error {
	return p.pod("PostUpdatePodSandbox", pod)
}

func (p *plugin) StopPodSandbox(_ context.Context, pod *api.PodSandbox) error {
	return p.pod("StopPodSandbox", pod)
}

func (p *plugin) RemovePodSandbox(_ context.Context, pod *api.PodSandbox) error {
	return p.pod("RemovePodSandbox", pod)
}

func (p *plugin) CreateContainer(_ context.Context, pod *api.PodSandbox, container *api.Container) (*api.ContainerAdjustment, []*api.ContainerUpdate, error) {
	o, err := p.container("CreateContainer", pod, container)
	if err != nil {
		return nil, nil, err
	}
	adjust := &api.ContainerAdjustment{}
	if len(o.Adjust) > 0 {
		if err := protojson.Unmarshal(o.Adjust, adjust); err != nil {
			panic(err)
		}
	}
	return adjust, updates(o), nil
}

func (p *plugin) PostCreateContainer(_ context.Context, pod *api.PodSandbox, container *api.Container) error {
	_, err := p.container("PostCreateContainer", pod, container)
	return err
}

func (p *plugin) StartContainer(_ context.Context, pod *api.PodSandbox, container *api.Container) error {
	_, err := p.container("StartContainer", pod, container)
	return err
}

func (p *plugin) PostStartContainer(_ context.Context, pod *api.PodSandbox, container *api.Container) error {
	_, err := p.container("PostStartContainer", pod, container)
	return err
}

func (p *plugin) UpdateContainer(_ context.Context, pod *api.PodSandbox, container *api.Container, resources *api.LinuxResources) ([]*api.ContainerUpdate, error) {
	o, err := p.told("UpdateContainer",
		map[string]any{"pod": raw(pod), "container": raw(container), "resources": raw(resources)})
	return updates(o), err
}

func (p *plugin) PostUpdateContainer(_ context.Context, pod *api.PodSandbox, container *api.Container) error {
	_, err := p.container("PostUpdateContainer", pod, container)
	return err
}

func (p *plugin) StopContainer(_ context.Context, pod *api.PodSandbox, container *api.Container) ([]*api.ContainerUpdate, error) {
	o, err := p.container("StopContainer", pod, container)
	return updates(o), err
}

func (p *plugin) RemoveContainer(_ context.Context, pod *api.PodSandbox, container *api.Container) error {
	_, err := p.container("RemoveContainer", pod, container)
	return err
}

func (p *plugin) ValidateContainerAdjustment(_ context.Context, request *api.ValidateContainerAdjustmentRequest) error {
	_, err := p.told("ValidateContainerAdjustment", map[string]any{"request": raw(request)})
	return err
}

func main() {
	socket := flag.String("socket", "", "where the runtime listens; not for a plugin that the runtime has launched")
	name := flag.String("name", "", "the plugin's name")
	index := flag.String("index", "", "two digits")
	flag.Parse()

	p := &plugin{orders: map[string]order{}, change: make(chan struct{})}
	options := []stub.Option{stub.WithOnClose(func() { say(map[string]any{"event": "Closed"}) })}
	if *socket != "" {
		options = append(options,
			stub.WithSocketPath(*socket), stub.WithPluginName(*name), stub.WithPluginIdx(*index))
	}
	made, err := stub.New(p, options...)
	if err != nil {
		panic(err)
	}
	p.stub = made
	if *socket != "" {
		go func() {
			if err := made.Run(context.Background()); err != nil {
				say(map[string]any{"event": "Ended", "error": text(err)})
			}
		}()
	} else if err := made.Run(context.Background()); err != nil {
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			panic(err)
		}
		p.obey(o)
	}
}
