package blob

import (
	"context"
	"fmt"
	"slices"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/lifecycle"
)

// The ids of the rules that this program looks after in a bucket's lifecycle; those of others are left alone.
const (
	uploadsRule  = "englishctl-uploads"
	versionsRule = "englishctl-versions"
	// noLifecycle is the store's code for a bucket without rules.
	noLifecycle = "NoSuchLifecycleConfiguration"
)

// Rules are what a bucket does by itself.
type Rules struct {
	// UploadPrefix begins the keys of objects that are forgotten uploads once they are UploadDays old. No versions of them
	// are kept, where the store can tell them apart.
	UploadPrefix string
	UploadDays   int
	// Prefix begins the keys whose versions are kept for VersionDays after they were deleted or overwritten.
	Prefix      string
	VersionDays int
	// Resume also turns versioning on where somebody has suspended it.
	Resume bool
}

// BucketState is what a bucket is like, as far as the access key may see it.
type BucketState struct {
	Bucket string
	// Private says whether nobody gets in without a link or a key: "yes", "no" or "unknown".
	Private string
	// Versioning is "enabled", "suspended", "off" or "unknown".
	Versioning string
	// UploadDays is after how many days forgotten uploads go, VersionDays for how many deleted and overwritten recordings
	// can be had back; 0 where there is no such rule of ours.
	UploadDays, VersionDays int
	// Trouble are sentences about what could not be seen or done.
	Trouble []string
}

// Arrange turns versioning on and sets the rules, keeping the rules of others, and changes nothing that is so already.
// What the access key may not do, or the store cannot, is named in the state and is no error.
func (m *MinIO) Arrange(ctx context.Context, r Rules) (BucketState, error) {
	var trouble []string
	for _, step := range []func(context.Context, Rules) (string, error){m.arrangeVersioning, m.arrangeLifecycle} {
		what, err := step(ctx, r)
		if err != nil {
			return BucketState{}, err
		}
		if what != "" {
			trouble = append(trouble, what)
		}
	}
	state, err := m.State(ctx)
	for _, what := range trouble {
		if !slices.Contains(state.Trouble, what) {
			state.Trouble = append(state.Trouble, what)
		}
	}
	return state, err
}

func (m *MinIO) arrangeVersioning(ctx context.Context, r Rules) (trouble string, err error) {
	now, err := m.client.GetBucketVersioning(ctx, m.bucket)
	if unsupported(err) {
		return m.mayNot("see whether versioning is on", err), nil
	}
	if err != nil {
		return "", m.failed(ctx, "look at the bucket's versioning", err)
	}
	switch {
	case now.Enabled():
		return "", nil
	case now.Status == minio.Suspended && !r.Resume:
		return "versioning was suspended, so what is deleted or overwritten in the bucket is gone; `englishctl storage setup` turns it on again", nil
	}
	want := minio.BucketVersioningConfiguration{Status: minio.Enabled, ExcludedPrefixes: []minio.ExcludedPrefix{{Prefix: r.UploadPrefix}}}
	err = m.client.SetBucketVersioning(ctx, m.bucket, want)
	if err != nil && !unsupported(err) && ctx.Err() == nil { // exclusion is MinIO's own
		err = m.client.EnableVersioning(ctx, m.bucket)
	}
	if unsupported(err) {
		return m.mayNot("turn versioning on", err), nil
	}
	if err != nil {
		return "", m.failed(ctx, "turn the bucket's versioning on", err)
	}
	return "", nil
}

func (m *MinIO) arrangeLifecycle(ctx context.Context, r Rules) (trouble string, err error) {
	now, err := m.lifecycleRules(ctx)
	if unsupported(err) {
		return m.mayNot("see the bucket's lifecycle rules", err), nil
	}
	if err != nil {
		return "", m.failed(ctx, "read the bucket's lifecycle rules", err)
	}
	uploads, versions := limitsOf(now)
	if uploads == r.UploadDays && versions == r.VersionDays {
		return "", nil
	}
	others := slices.DeleteFunc(slices.Clone(now), func(rule lifecycle.Rule) bool { return rule.ID == uploadsRule || rule.ID == versionsRule })
	err = m.client.SetBucketLifecycle(ctx, m.bucket, &lifecycle.Configuration{Rules: append(others, r.lifecycle()...)})
	if unsupported(err) {
		return m.mayNot("set the bucket's lifecycle rules", err), nil
	}
	if err != nil {
		return "", m.failed(ctx, "set the bucket's lifecycle rules", err)
	}
	return "", nil
}

func (r Rules) lifecycle() []lifecycle.Rule {
	return []lifecycle.Rule{
		{
			ID: uploadsRule, Status: minio.Enabled, RuleFilter: lifecycle.Filter{Prefix: r.UploadPrefix},
			Expiration:                  lifecycle.Expiration{Days: lifecycle.ExpirationDays(r.UploadDays)},
			NoncurrentVersionExpiration: lifecycle.NoncurrentVersionExpiration{NoncurrentDays: 1},
		},
		{
			ID: versionsRule, Status: minio.Enabled, RuleFilter: lifecycle.Filter{Prefix: r.Prefix},
			Expiration:                  lifecycle.Expiration{DeleteMarker: true}, // of objects that have no version left
			NoncurrentVersionExpiration: lifecycle.NoncurrentVersionExpiration{NoncurrentDays: lifecycle.ExpirationDays(r.VersionDays)},
		},
	}
}

// lifecycleRules are all rules that the bucket has.
func (m *MinIO) lifecycleRules(ctx context.Context) ([]lifecycle.Rule, error) {
	config, err := m.client.GetBucketLifecycle(ctx, m.bucket)
	if minio.ToErrorResponse(err).Code == noLifecycle {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return config.Rules, nil
}

// limitsOf returns the days of our rules, where they are in force.
func limitsOf(rules []lifecycle.Rule) (uploads, versions int) {
	for _, rule := range rules {
		switch {
		case rule.Status != minio.Enabled:
		case rule.ID == uploadsRule:
			uploads = int(rule.Expiration.Days)
		case rule.ID == versionsRule:
			versions = int(rule.NoncurrentVersionExpiration.NoncurrentDays)
		}
	}
	return uploads, versions
}

// State looks at the bucket and changes nothing. It returns fault.Unavailable if there is none, or the store does not answer.
func (m *MinIO) State(ctx context.Context) (BucketState, error) {
	if err := m.Ping(ctx); err != nil {
		return BucketState{}, err
	}
	state := BucketState{Bucket: m.bucket, Private: "unknown", Versioning: "unknown"}
	for _, look := range []func(context.Context, *BucketState) error{m.seePolicy, m.seeVersioning, m.seeLifecycle} {
		if err := look(ctx, &state); err != nil {
			return BucketState{}, err
		}
	}
	return state, nil
}

func (m *MinIO) seePolicy(ctx context.Context, state *BucketState) error {
	policy, err := m.client.GetBucketPolicy(ctx, m.bucket)
	if unsupported(err) {
		state.Trouble = append(state.Trouble, m.mayNot("see whether the bucket is private", err))
		return nil
	}
	if err != nil {
		return m.failed(ctx, "read the audio bucket's policy", err)
	}
	_, public, err := withoutPublic(policy)
	if err != nil {
		return fmt.Errorf("read the audio bucket's policy: %w", err)
	}
	state.Private = "yes"
	if public {
		state.Private = "no"
		state.Trouble = append(state.Trouble, "the bucket's policy lets anybody in; a start of the daemon, or `englishctl storage setup`, makes it private")
	}
	return nil
}

func (m *MinIO) seeVersioning(ctx context.Context, state *BucketState) error {
	now, err := m.client.GetBucketVersioning(ctx, m.bucket)
	switch {
	case unsupported(err):
		state.Trouble = append(state.Trouble, m.mayNot("see whether versioning is on", err))
	case err != nil:
		return m.failed(ctx, "look at the bucket's versioning", err)
	case now.Enabled():
		state.Versioning = "enabled"
	case now.Status == minio.Suspended:
		state.Versioning = "suspended"
	default:
		state.Versioning = "off"
	}
	return nil
}

func (m *MinIO) seeLifecycle(ctx context.Context, state *BucketState) error {
	rules, err := m.lifecycleRules(ctx)
	if unsupported(err) {
		state.Trouble = append(state.Trouble, m.mayNot("see the bucket's lifecycle rules", err))
		return nil
	}
	if err != nil {
		return m.failed(ctx, "read the bucket's lifecycle rules", err)
	}
	state.UploadDays, state.VersionDays = limitsOf(rules)
	return nil
}

// mayNot is the sentence about what the access key may not do, or the store cannot.
func (m *MinIO) mayNot(what string, err error) string {
	return fmt.Sprintf("cannot %s (%s): give the access key the right, or see to it yourself", what, minio.ToErrorResponse(err).Code)
}
