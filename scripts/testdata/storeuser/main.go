// Command storeuser makes a user of MinIO who may do what a policy says and nothing else, for tests. It is a module of its own, so that
// MinIO's library for administrators, which is under the AGPL as MinIO is, does not become a part of the product.
//
// Usage: storeuser ENDPOINT USER POLICY. The environment has ROOT_ACCESS_KEY, ROOT_SECRET_KEY and SECRET_KEY, which is to be the user's. POLICY is a
// file; the policy is named after the user.
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"

	"github.com/minio/madmin-go/v3"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: storeuser ENDPOINT USER POLICY")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "storeuser:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, endpoint, user, file string) error {
	policy, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	at, err := url.Parse(endpoint)
	if err != nil {
		return err
	}
	root := credentials.NewStaticV4(os.Getenv("ROOT_ACCESS_KEY"), os.Getenv("ROOT_SECRET_KEY"), "")
	admin, err := madmin.NewWithOptions(at.Host, &madmin.Options{Creds: root, Secure: at.Scheme == "https"})
	if err != nil {
		return err
	}
	if err := admin.AddCannedPolicy(ctx, user, policy); err != nil {
		return fmt.Errorf("make the policy: %w", err)
	}
	if err := admin.AddUser(ctx, user, os.Getenv("SECRET_KEY")); err != nil {
		return fmt.Errorf("make the user: %w", err)
	}
	if _, err := admin.AttachPolicy(ctx, madmin.PolicyAssociationReq{Policies: []string{user}, User: user}); err != nil {
		return fmt.Errorf("give the user the policy: %w", err)
	}
	return nil
}
