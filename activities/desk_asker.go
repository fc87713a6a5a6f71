package activities

import (
	"context"

	"latchkey/casework"
	"latchkey/policy"
)

// asker is who asked, as the ticket and as policy see them. The zero value is somebody who is not on the desk any more.
type asker struct {
	asker casework.Asker
	facts policy.PersonFacts
}

// readAsker reads who asked.
func (d *Desk) readAsker(ctx context.Context, id int64) (asker, error) {
	person, ok, err := d.personByID(ctx, id)
	if err != nil || !ok {
		return asker{}, err
	}
	facts, err := d.personFacts(ctx, person)
	if err != nil {
		return asker{}, err
	}
	return asker{asker: casework.Asker{DeskID: person.ID, Name: person.Name(), Email: person.Email}, facts: facts}, nil
}

// knownAsker goes by what was read within the last minute. Only a ticket that was classified before is read so: who may
// call an emergency is asked at its first reading, and who may approve whenever a level is routed, both afresh.
func (d *Desk) knownAsker(ctx context.Context, id int64) (asker, error) {
	return d.known.askers.get(d.now(), id, func(a asker) bool { return a.asker.DeskID != 0 },
		func() (asker, error) { return d.readAsker(ctx, id) })
}

// firstAsker reads who asked afresh, for a ticket that nobody classified yet, and remembers it for the readings that follow.
func (d *Desk) firstAsker(ctx context.Context, id int64) (asker, error) {
	a, err := d.readAsker(ctx, id)
	if err == nil && a.asker.DeskID != 0 {
		d.known.askers.put(d.now(), id, a)
	}
	return a, err
}
