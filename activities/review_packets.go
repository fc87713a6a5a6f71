package activities

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"gocloud.dev/blob"

	"latchkey/review"
)

// writePackets sorts the items by reviewer and writes each packet as a stream: a packet of a hundred thousand items takes
// no more memory than one of ten.
func (a *assigning) writePackets(ctx context.Context) error {
	for line, err := range readLines(ctx, a.okta.Blobs, a.spool) {
		if err != nil {
			return err
		}
		key, value, _ := bytes.Cut(line, []byte(valueCut))
		parts := strings.Split(string(key), keyCut) // reviewer, person, object, item
		if a.grouping(parts[0]) == review.ByObject {
			parts[1], parts[2] = parts[2], parts[1]
		}
		if err := a.items.add(ctx, sortKey(parts...), value); err != nil {
			return err
		}
	}
	var w *packetWriter
	defer func() {
		if w != nil {
			w.drop()
		}
	}()
	for line, err := range a.items.sorted(ctx) {
		if err != nil {
			return err
		}
		reviewer := line.part(0)
		if w == nil || w.ref.Reviewer.ID != reviewer {
			if err := a.closePacket(w); err != nil {
				return err
			}
			if w, err = a.openPacket(ctx, reviewer); err != nil {
				return err
			}
		}
		if err := w.item(line.value); err != nil {
			return err
		}
	}
	if err := a.closePacket(w); err != nil {
		return err
	}
	w = nil
	slices.SortFunc(a.index.Packets, func(x, y review.PacketRef) int {
		return cmp.Or(cmp.Compare(strings.ToLower(x.Reviewer.Name), strings.ToLower(y.Reviewer.Name)), cmp.Compare(x.Reviewer.ID, y.Reviewer.ID))
	})
	return nil
}

// grouping is how a packet is shown: by what the reviewer mostly is for its items.
func (a *assigning) grouping(reviewer string) review.Grouping {
	if load := a.assigned[reviewer]; load.owned*2 > load.items {
		return review.ByObject
	}
	return review.ByPerson
}

// packetWriter streams one packet.
type packetWriter struct {
	ref     review.PacketRef
	out     *blob.Writer
	buf     *bufio.Writer
	sum     hash.Hash
	cut     context.CancelFunc
	people  map[string]bool
	objects map[string]bool
	marks   map[review.Mark]int
	done    bool
}

func (a *assigning) openPacket(ctx context.Context, reviewer string) (*packetWriter, error) {
	load := a.assigned[reviewer]
	who := load.account.reviewer()
	who.Why = load.why()
	w := &packetWriter{
		ref: review.PacketRef{Reviewer: who, Key: review.PacketKey(a.in.Campaign, reviewer), Grouping: a.grouping(reviewer)},
		sum: sha256.New(), people: map[string]bool{}, objects: map[string]bool{}, marks: map[review.Mark]int{},
	}
	head, err := json.Marshal(review.Packet{
		Campaign: a.in.Campaign, Title: a.in.Title, Reviewer: who, Grouping: w.ref.Grouping, Due: a.in.Due, ReadAt: a.index.ReadEnded,
		Partial: strings.Join(a.index.Partial, "; "), ReasonFor: a.settings.Settings.ReasonFor, Stamp: a.settings.Settings.Stamp,
		Items: []review.Item{},
	})
	if err != nil {
		return nil, fmt.Errorf("write a packet: %w", err)
	}
	ctx, w.cut = context.WithCancel(ctx)
	if w.out, err = a.okta.Blobs.NewWriter(ctx, w.ref.Key, &blob.WriterOptions{ContentType: "application/json"}); err != nil {
		w.cut()
		return nil, fmt.Errorf("write %s: %w", w.ref.Key, err)
	}
	w.buf = bufio.NewWriterSize(io.MultiWriter(w.out, w.sum), 64<<10)
	_, err = w.buf.Write(bytes.TrimSuffix(head, []byte("]}"))) // items are the last field
	return w, err
}

// why says how policy came to the reviewer, with how many items.
func (l *reviewerLoad) why() string {
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(l.reasons)) {
		parts = append(parts, fmt.Sprintf("%s (%s)", reason, itemWord(l.reasons[reason])))
	}
	return strings.Join(parts, "; ")
}

func itemWord(n int) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}

func (w *packetWriter) item(raw []byte) error {
	var i review.Item
	if err := json.Unmarshal(raw, &i); err != nil {
		return fmt.Errorf("read an item: %w", err)
	}
	w.people[i.Person.OktaUserID], w.objects[i.Object.Key()] = true, true
	for _, m := range i.Marks {
		w.marks[m]++
	}
	if w.ref.Items++; w.ref.Items > 1 {
		if err := w.buf.WriteByte(','); err != nil {
			return err
		}
	}
	_, err := w.buf.Write(raw)
	return err
}

// closePacket ends a packet and lists it.
func (a *assigning) closePacket(w *packetWriter) error {
	if w == nil {
		return nil
	}
	defer w.cut()
	w.done = true
	_, err := w.buf.WriteString("]}")
	for _, failed := range []error{err, w.buf.Flush(), w.out.Close()} {
		if failed != nil {
			return fmt.Errorf("write %s: %w", w.ref.Key, failed)
		}
	}
	w.ref.Digest = hex.EncodeToString(w.sum.Sum(nil))
	w.ref.People, w.ref.Objects, w.ref.Marks = len(w.people), len(w.objects), review.CountMarks(w.marks)
	if e := a.people.escalation(a.assigned[w.ref.Reviewer.ID].account, w.people); e != nil {
		who := e.reviewer()
		who.Why = "escalation by policy"
		w.ref.Escalate = &who
	}
	a.index.Packets = append(a.index.Packets, w.ref)
	return nil
}

func (w *packetWriter) drop() {
	if w.done {
		return
	}
	w.cut()
	_ = w.out.Close()
}
