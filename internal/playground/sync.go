package playground

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"latchkey/activities/nudge"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/examples/acme"
)

// admin is a client of an administrator's own, beside Latchkey's credential.
func (p *Playground) admin() (*okta.Client, error) {
	token := "00" + rand.Text()
	if _, err := p.Okta.AddToken(acme.Viktor, "Administrator", token); err != nil {
		return nil, err
	}
	return okta.New(okta.Config{OrgURL: p.OktaURL, Token: token, AllowPlainHTTP: true})
}

// SetProfile changes a profile in Okta by hand, as an administrator would.
func (p *Playground) SetProfile(ctx context.Context, login string, values map[string]any) error {
	c, err := p.admin()
	if err != nil {
		return err
	}
	user, err := c.GetUser(ctx, login)
	if err != nil {
		return err
	}
	_, err = c.UpdateProfile(ctx, user.ID, values)
	if errors.Is(err, okta.Ambiguous) {
		_, err = c.UpdateProfile(ctx, user.ID, values)
	}
	return err
}

// ConnectOkta gives Okta an event hook that tells the bridge of changed profiles, as docs/runbooks/profile-sync.md says.
func (p *Playground) ConnectOkta(ctx context.Context) error {
	c, err := p.admin()
	if err != nil {
		return err
	}
	hook, err := c.CreateEventHook(ctx, okta.NewEventHook{
		Name: "Latchkey", URI: p.BridgeURL + "/webhooks/okta", Secret: p.Secrets.Webhook,
		Events: []string{"user.account.update_profile"},
	})
	if err != nil {
		return err
	}
	_, err = c.VerifyEventHook(ctx, hook.ID)
	return err
}

// DeskPerson reads somebody on the desk.
func (p *Playground) DeskPerson(ctx context.Context, email string) (freshservice.Person, error) {
	return p.portal.FindPersonByEmail(ctx, email)
}

// SetDeskPerson changes somebody on the desk by hand, as an agent would.
func (p *Playground) SetDeskPerson(ctx context.Context, email string, input freshservice.PersonInput) (freshservice.Person, error) {
	person, err := p.DeskPerson(ctx, email)
	if err != nil {
		return person, err
	}
	write := p.portal.UpdateRequester
	if person.IsAgent {
		write = p.portal.UpdateAgent
	}
	var after freshservice.Person
	err = again(func() error {
		var err error
		after, err = write(ctx, person.ID, input)
		return err
	})
	return after, err
}

// Department is the ID of a department of the desk.
func (p *Playground) Department(ctx context.Context, name string) (int64, error) {
	found, err := p.portal.FindDepartmentByName(ctx, name)
	return found.ID, err
}

// SyncResult is what the last look of somebody's sync found; ok is false while there was none.
func (p *Playground) SyncResult(ctx context.Context, login string) (result contract.SyncResult, ok bool, err error) {
	user, found := p.Okta.User(login)
	if !found {
		return result, false, fmt.Errorf("no user %s", login)
	}
	value, err := p.Temporal.QueryWorkflow(ctx, contract.SyncWorkflowID(user.ID), "", contract.QuerySync)
	if err != nil {
		var missing *serviceerror.NotFound
		var notYet *serviceerror.WorkflowNotReady
		var failed *serviceerror.QueryFailed
		if errors.As(err, &missing) || errors.As(err, &notYet) || errors.As(err, &failed) || slow(ctx, err) {
			return result, false, nil
		}
		return result, false, err
	}
	err = value.Get(&result)
	return result, err == nil && result.End != "", err
}

// Sync has somebody's profiles compared now, and gives what became of it.
func (p *Playground) Sync(ctx context.Context, login string) (contract.SyncResult, error) {
	before, _, err := p.SyncResult(ctx, login)
	if err != nil {
		return before, err
	}
	user, _ := p.Okta.User(login) // SyncResult found it
	if err := nudge.Person(ctx, p.Temporal, user.ID); err != nil {
		return before, err
	}
	return p.WaitSync(ctx, login, before.At)
}

// WaitSync waits until somebody's sync has looked later than a time.
func (p *Playground) WaitSync(ctx context.Context, login string, after time.Time) (contract.SyncResult, error) {
	var last contract.SyncResult
	err := p.until(ctx, "the sync of "+login+" to look", func() (bool, error) {
		result, ok, err := p.SyncResult(ctx, login)
		last = result
		return ok && result.At.After(after), err
	})
	return last, err
}

// SyncEverybody walks everybody, as the schedule does.
func (p *Playground) SyncEverybody(ctx context.Context, look bool) (contract.SyncAllResult, error) {
	var result contract.SyncAllResult
	run, err := p.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: contract.SyncAllID, TaskQueue: contract.QueueLatchkey},
		contract.WorkflowSyncAll, contract.SyncAllInput{Look: look})
	if err != nil {
		return result, err
	}
	return result, run.Get(ctx, &result)
}
