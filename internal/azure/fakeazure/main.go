// Command fakeazure serves a stand-in for Azure Speech on this machine, to try the daemon and "englishctl score" without an
// account at Azure:
//
//	go run ./internal/azure/fakeazure -transcript "I really like apples" -fail 429/1,503,ok
//	AZURE_SPEECH_ENDPOINT=http://127.0.0.1:8990 AZURE_SPEECH_KEY=a-key-of-the-fake-0123456789abcd englishctl serve
//
// With a certificate (-cert, -cert-key) it speaks TLS, as Azure does; SSL_CERT_FILE names who has signed it to the daemon.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fakeazure:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, talk io.Writer) error {
	var cfg azuretest.Config
	flags := flag.NewFlagSet("fakeazure", flag.ContinueOnError)
	flags.SetOutput(talk)
	addr := flags.String("addr", "127.0.0.1:8990", "address to listen at")
	flags.StringVar(&cfg.Key, "key", azuretest.Key, "the key that is taken")
	flags.StringVar(&cfg.Transcript, "transcript", "", "what is heard; a star after a word mispronounces it; not set: the reference text")
	flags.BoolVar(&cfg.Nested, "nested", false, "answer in the form of the Speech SDK")
	flags.BoolVar(&cfg.Strings, "strings", false, "answer with numbers as strings")
	flags.BoolVar(&cfg.EmptyIsBad, "empty-is-bad", false, "answer 400 to an empty recording, instead of {}")
	flags.DurationVar(&cfg.Delay, "delay", 0, "how long each answer takes")
	cert := flags.String("cert", "", "a file with a certificate: speak TLS, as Azure does")
	certKey := flags.String("cert-key", "", "a file with the certificate's key")
	fail := flags.String("fail", "", "how the next requests go wrong, separated by commas: 503, 429/2, NoMatch, empty, hang, reset, half, slow/3s, ok")
	if err := flags.Parse(args); err != nil {
		return err
	}
	fake := azuretest.New(cfg)
	if *fail != "" {
		for word := range strings.SplitSeq(*fail, ",") {
			fault, err := azuretest.ParseFault(strings.TrimSpace(word))
			if err != nil {
				return err
			}
			fake.Next(fault)
		}
	}
	return serve(ctx, *addr, *cert, *certKey, fake, talk)
}

// serve serves over TLS where there is a certificate.
func serve(ctx context.Context, addr, cert, certKey string, fake http.Handler, talk io.Writer) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	const listens = "a stand-in for Azure Speech listens at %s://%s\n"
	if cert+certKey == "" {
		fmt.Fprintf(talk, listens, "http", listener.Addr())
		err = server.Serve(listener)
	} else {
		fmt.Fprintf(talk, listens, "https", listener.Addr())
		err = server.ServeTLS(listener, cert, certKey)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
