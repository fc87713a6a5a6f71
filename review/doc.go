// Package review holds what a certification campaign is made of, and where its files lie: items, packets (what one
// reviewer is asked), answers, and batches of decisions. Everything large lives in the blob store under the campaign's
// folder; workflows hold counts and references.
//
// The package is met by the activities, which write items and take answers in, and by the bridge, which shows packets
// and hands in batches. It knows no vendor and no workflow. Names, reasons and titles in it are untrusted text: who
// shows them escapes them.
package review
