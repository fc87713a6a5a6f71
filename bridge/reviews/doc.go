// Package reviews serves the pages of a certification campaign: what a reviewer is asked, and how far a campaign is.
//
// Pages are made on the server and work without a script; a small script of our own saves each answer as it is given.
// A reviewer signs in through Okta, or comes by a signed link that an operator handed over. What is decided goes as a
// signed batch into the blob store, its ID to the reviewer's workflow, and only what came back as taken in is called
// saved. The package knows no Temporal: Engine is the door. Every text from outside is escaped by html/template.
package reviews
