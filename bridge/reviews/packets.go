package reviews

import (
	"context"
	"slices"
	"sync"

	"gocloud.dev/blob"

	"latchkey/review"
)

// packetsMost bounds how many packets are kept in memory; one of 2,000 items has about a MiB.
const packetsMost = 32

// packets remembers packets: they are written once, so what was read stays true.
type packets struct {
	mu    sync.Mutex
	known []review.Packet // newest use last
}

func (c *packets) read(ctx context.Context, bucket *blob.Bucket, campaign, reviewer string) (review.Packet, error) {
	c.mu.Lock()
	i := slices.IndexFunc(c.known, func(p review.Packet) bool { return p.Campaign == campaign && p.Reviewer.ID == reviewer })
	if i >= 0 {
		found := c.known[i]
		c.known = append(slices.Delete(c.known, i, i+1), found)
		c.mu.Unlock()
		return found, nil
	}
	c.mu.Unlock()
	read, err := review.ReadPacket(ctx, bucket, campaign, reviewer)
	if err != nil {
		return read, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= packetsMost {
		c.known = slices.Delete(c.known, 0, 1)
	}
	c.known = append(c.known, read)
	return read, nil
}
