package activities

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"latchkey/contract"
)

// groupNameLimit keeps the names of approval groups short enough for a list, in characters. The vendor documents no
// limit.
const groupNameLimit = 100

// levelKey names one level of one unit in one run of a ticket's case. Approval groups carry it in their name, which is
// how a later attempt, and a later read, know their own: the vendor offers no other place.
type levelKey struct {
	ticket int64
	run    int
	round  int
	unit   string // unitShort of the unit's key
	level  int    // from 1
}

// keyOf is the level of a unit that is open now.
func keyOf(ticket int64, run int, u contract.Unit) levelKey {
	return levelKey{ticket: ticket, run: run, round: u.Round, unit: unitShort(u.Key), level: u.Level + 1}
}

// openedGroup is what the name of one of our approval groups says.
type openedGroup struct {
	levelKey
	group   int // from 1: the group's place in its level
	attempt int // from 1: further attempts ask those whom the vendor's closing left unasked
}

// groupName is the name of an approval group, such as "LK-12.0.0 plan/1.2 Application owner (2)": ticket 12, run 0,
// round 0, the unit "plan", level 1, its second group, second attempt. The label is for people; identity is in the
// numbers.
func (g openedGroup) groupName(label string) string {
	head := fmt.Sprintf("LK-%d.%d.%d %s/%d.%d", g.ticket, g.run, g.round, g.unit, g.level, g.group)
	tail := ""
	if g.attempt > 1 {
		tail = fmt.Sprintf(" (%d)", g.attempt)
	}
	words := []rune(strings.Join(strings.Fields(label), " "))
	room := groupNameLimit - len(head) - 1 - len(tail)
	if len(words) > room {
		words = append(words[:max(room-1, 0)], '…')
	}
	return strings.TrimSpace(head+" "+string(words)) + tail
}

var groupNameText = regexp.MustCompile(`^LK-([0-9]{1,18})\.([0-9]{1,9})\.([0-9]{1,9}) ([A-Za-z0-9_~-]+)/([0-9]{1,9})\.([0-9]{1,9})(?: .*?)??(?: \(([0-9]{1,9})\))?$`)

// parseGroupName reads the name of an approval group; false means it is not one of ours.
func parseGroupName(name string) (openedGroup, bool) {
	m := groupNameText.FindStringSubmatch(strings.TrimSpace(name))
	if m == nil {
		return openedGroup{}, false
	}
	ticket, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return openedGroup{}, false
	}
	numbers := make([]int, 0, 5)
	for _, text := range []string{m[2], m[3], m[5], m[6], m[7]} {
		n := 1
		if text != "" {
			if n, err = strconv.Atoi(text); err != nil {
				return openedGroup{}, false
			}
		}
		numbers = append(numbers, n)
	}
	return openedGroup{
		levelKey: levelKey{ticket: ticket, run: numbers[0], round: numbers[1], unit: m[4], level: numbers[2]},
		group:    numbers[3],
		attempt:  numbers[4],
	}, true
}

// unitShortLimit is the longest unit key that a group's name carries as it is.
const unitShortLimit = 20

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// unitShort is a unit's key as group names carry it: itself when it is short and plain, a digest of it otherwise.
func unitShort(key string) string {
	if len(key) <= unitShortLimit && plainKey.MatchString(key) {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "u~" + hex.EncodeToString(sum[:8])
}
