// What `kubectl exec` and `kubectl port-forward` do, with their own libraries, but straight to a kubelet.
//
//	kubelet-client [-websocket] [-stdin] [-tty] exec URL          ends as the program in the container does
//	kubelet-client [-websocket] forward URL PORT                  prints the local port, ends with its standard input
//
// A URL is one of the kubelet's own API, such as https://127.0.0.1:10250/exec/NAMESPACE/POD/CONTAINER?command=ls&output=1.
// The kubelet's certificate is not checked: it has made that itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	utilexec "k8s.io/client-go/util/exec"
)

var (
	websocket = flag.Bool("websocket", false, "speak WebSocket, not SPDY")
	stdin     = flag.Bool("stdin", false, "hand on standard input")
	tty       = flag.Bool("tty", false, "the program has a terminal")
)

func execute(config *rest.Config, target *url.URL) error {
	var executor remotecommand.Executor
	var err error
	if *websocket {
		executor, err = remotecommand.NewWebSocketExecutor(config, "GET", target.String())
	} else {
		executor, err = remotecommand.NewSPDYExecutor(config, "POST", target)
	}
	if err != nil {
		return err
	}
	options := remotecommand.StreamOptions{Stdout: os.Stdout, Tty: *tty}
	if !*tty {
		options.Stderr = os.Stderr
	}
	if *stdin {
		options.Stdin = os.Stdin
	}
	return executor.StreamWithContext(context.Background(), options)
}

func forward(config *rest.Config, target *url.URL, port string) error {
	dialer, err := dialerFor(config, target)
	if err != nil {
		return err
	}
	stop, ready := make(chan struct{}), make(chan struct{})
	forwarder, err := portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{":" + port}, stop, ready, io.Discard, os.Stderr)
	if err != nil {
		return err
	}
	go func() {
		<-ready
		ports, err := forwarder.GetPorts()
		if err != nil {
			panic(err)
		}
		fmt.Println(ports[0].Local)
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(stop)
	}()
	return forwarder.ForwardPorts()
}

func dialerFor(config *rest.Config, target *url.URL) (httpstream.Dialer, error) {
	if *websocket {
		return portforward.NewSPDYOverWebsocketDialer(target, config)
	}
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	return spdy.NewDialer(upgrader, &http.Client{Transport: transport}, "POST", target), nil
}

func run(words []string) error {
	if len(words) < 2 {
		return errors.New("expected exec URL or forward URL PORT")
	}
	target, err := url.Parse(words[1])
	if err != nil {
		return err
	}
	config := &rest.Config{Host: target.Scheme + "://" + target.Host, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	switch {
	case words[0] == "exec" && len(words) == 2:
		return execute(config, target)
	case words[0] == "forward" && len(words) == 3:
		return forward(config, target, words[2])
	default:
		return fmt.Errorf("not understood: %v", words)
	}
}

func main() {
	flag.Parse()
	err := run(flag.Args())
	var ended utilexec.CodeExitError
	switch {
	case errors.As(err, &ended):
		os.Exit(ended.Code)
	case err != nil:
		fmt.Fprintln(os.Stderr, "kubelet-client:", err)
		os.Exit(125)
	}
}
