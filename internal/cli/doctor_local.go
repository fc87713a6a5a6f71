package cli

import (
	"context"
	"crypto/rand"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"latchkey/casework"
	"latchkey/internal/app"
	"latchkey/internal/config"
	"latchkey/policy"
)

// lookAtPolicy loads the policy and runs the tests beside it.
func lookAtPolicy(f *findings) {
	place, err := config.LoadPolicy()
	if !f.settings(err) {
		return
	}
	p, err := policy.Load(place.Dir)
	if err != nil {
		f.fail("loads", strings.ReplaceAll(err.Error(), "\n", "; "), "`starter policy check` shows each problem on its line")
		return
	}
	f.ok("loads", "digest %s", p.Digest())
	for _, u := range casework.UseCases() {
		mode := p.Mode(u)
		switch mode {
		case casework.ModeAct, casework.ModeObserve:
			f.ok("mode of "+string(u), "%s", mode)
		case casework.ModeOff:
			f.ok("mode of "+string(u), "off: its tickets are left alone")
		}
	}
	report, err := policy.RunTests(place.Dir)
	switch {
	case err != nil:
		f.fail("tests", strings.ReplaceAll(err.Error(), "\n", "; "), "`starter policy test`")
	case len(report.Cases) == 0:
		f.warn("tests", "there are none", "write some beside the policy (docs/policy.md)")
	case !report.OK():
		f.fail("tests", count(len(report.Failed()), "case")+" failed", "`starter policy test` shows what was expected")
	default:
		f.ok("tests", "%s passed", count(len(report.Cases), "case"))
	}
}

// lookAtWebhooks checks the secrets of the bridge, as far as this environment has them.
func lookAtWebhooks(f *findings) {
	settings, err := config.LoadWebhooks()
	if !f.settings(err) {
		return
	}
	f.ok("LATCHKEY_WEBHOOK_SECRETS", "%s, each of at least %d characters", count(len(settings.Secrets), "secret"), config.SecretLeast)
	if len(settings.Secrets) > 2 {
		f.warn("LATCHKEY_WEBHOOK_SECRETS", "more than two are good at once", "take away those that nothing sends any more")
	}
	if len(settings.OktaSecrets) == 0 {
		f.warn("LATCHKEY_OKTA_HOOK_SECRETS", "not set: Okta's event hooks are refused", "set it where hooks are used; security alerts then start at once instead of at the next poll")
		return
	}
	f.ok("LATCHKEY_OKTA_HOOK_SECRETS", "%s", count(len(settings.OktaSecrets), "secret"))
}

// lookAtStorage writes one object, reads it and takes it away.
func lookAtStorage(ctx context.Context, f *findings) {
	settings, err := config.LoadStorage()
	if !f.settings(err) {
		return
	}
	const fix = "correct LATCHKEY_BLOB_URL and the rights of this account there; all workers share one store"
	bucket, err := app.OpenBlobs(ctx, settings.BlobURL)
	if err != nil {
		f.fail("opens", err.Error(), fix)
		return
	}
	defer bucket.Close()
	key := "doctor/" + strings.ToLower(rand.Text())
	if err := bucket.WriteAll(ctx, key, []byte("doctor"), &blob.WriterOptions{IfNotExist: true}); err != nil {
		f.fail("takes an object", err.Error(), fix)
		return
	}
	err = bucket.WriteAll(ctx, key, []byte("again"), &blob.WriterOptions{IfNotExist: true})
	once := gcerrors.Code(err) == gcerrors.FailedPrecondition
	if _, err := bucket.ReadAll(ctx, key); err != nil {
		f.fail("gives it back", err.Error(), fix)
		return
	}
	if err := bucket.Delete(ctx, key); err != nil {
		f.warn("lets it be deleted", err.Error(), "the object "+key+" is left")
	}
	if !once {
		f.fail("writes once", "the store let an object be overwritten: records could be", "use a store that knows conditional writes (If-None-Match)")
		return
	}
	f.ok("works", "wrote, read and deleted one object; nothing can be overwritten")
}
