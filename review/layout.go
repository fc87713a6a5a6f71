package review

import (
	"errors"
	"fmt"
	"regexp"
)

// ErrCampaign is returned for a text that names no campaign.
var ErrCampaign = errors.New("not a campaign: write it as 2026-Q4, or with letters, digits, points and hyphens, 40 at most")

var campaignText = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$`)

// CheckCampaign returns ErrCampaign for a text that is no campaign's name. A name goes into IDs, links and keys.
func CheckCampaign(name string) error {
	if !campaignText.MatchString(name) {
		return ErrCampaign
	}
	return nil
}

// Root is the folder of all campaigns in the blob store.
const Root = "reviews/"

// Folder is the folder of a campaign in the blob store; everything of it is under it.
func Folder(campaign string) string { return Root + campaign + "/" }

// PacketKey is where a reviewer's packet lies. It is written once.
func PacketKey(campaign, reviewer string) string {
	return Folder(campaign) + "packets/" + reviewer + ".json"
}

// BatchKey is where the bridge puts a batch before it hands it in. It is written once.
func BatchKey(campaign, reviewer, batch string) string {
	return Folder(campaign) + "batches/" + reviewer + "/" + batch + ".json"
}

// AnswersKey is where a reviewer's answers lie, by the digest of their content: a key is never written with something
// else, and the reviewer's workflow says which is the newest.
func AnswersKey(campaign, reviewer, digest string) string {
	return Folder(campaign) + "answers/" + reviewer + "/" + digest + ".json"
}

// EvidenceFolder is where the evidence pack lies.
func EvidenceFolder(campaign string) string { return Folder(campaign) + "evidence/" }

// SnapshotFolder is where the reading of Okta and of the employees lies.
func SnapshotFolder(campaign string) string { return Folder(campaign) + "snapshot/" }

// IndexKey is where the list of packets lies.
func IndexKey(campaign string) string { return Folder(campaign) + "index.json" }

// UnassignedKey is where the items lie that nobody may review: one JSON object a line, packed with gzip.
func UnassignedKey(campaign string) string { return Folder(campaign) + "unassigned.gz" }

// HeldKey is where the list of what was under review lies, for the comparison of the next campaign.
func HeldKey(campaign string) string { return Folder(campaign) + "held.gz" }

// OrphansKey is where the accounts without an active employee lie (Person): one JSON object a line, packed with gzip.
func OrphansKey(campaign string) string { return Folder(campaign) + "orphans.gz" }

// FinalFolder is where a reviewer's end lies, in parts.
func FinalFolder(campaign, reviewer string) string {
	return Folder(campaign) + "final/" + reviewer + "/"
}

// FinalKey is one part of it; parts count from 0.
func FinalKey(campaign, reviewer string, part int) string {
	return FinalFolder(campaign, reviewer) + fmt.Sprintf("%05d.json", part)
}

// ManifestKey is the manifest of the evidence pack: written last, so that with it the pack is whole.
func ManifestKey(campaign string) string { return EvidenceFolder(campaign) + "manifest.json" }
