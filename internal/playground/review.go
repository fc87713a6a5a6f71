package playground

import (
	"crypto/rand"
	"encoding/base64"

	"gocloud.dev/blob"

	"latchkey/internal/config"
	"latchkey/review"
)

// newReviewKey draws a private key for the bridge's signatures.
func newReviewKey() string {
	var seed [32]byte
	_, _ = rand.Read(seed[:]) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(seed[:])
}

// ReviewSigner signs batches as the bridge does.
func (p *Playground) ReviewSigner() (*review.Signer, error) {
	return review.NewSigner(p.Secrets.ReviewKey)
}

// ReviewLinks signs links as `starter review link` does.
func (p *Playground) ReviewLinks() (*review.Links, error) {
	return review.NewLinks(p.Secrets.ReviewLinks)
}

// Blobs is the store that the workers and the bridge share.
func (p *Playground) Blobs() *blob.Bucket { return p.blobs }

// reviewKeys is the bridge's public key, for workers.
func (p *Playground) reviewKeys() config.ReviewKeys {
	signer, err := p.ReviewSigner()
	if err != nil {
		return config.ReviewKeys{} // it was drawn by newReviewKey, so it is one
	}
	return config.ReviewKeys{VerifyKeys: []string{signer.Public()}}
}

// reviews is how the bridge serves the review pages.
func (p *Playground) reviews() config.Reviews {
	return config.Reviews{
		SigningKey: config.NewSecret(p.Secrets.ReviewKey),
		Issuer:     p.OktaURL, ClientID: reviewApp, ClientSecret: config.NewSecret(p.Secrets.ReviewApp),
	}
}

// reviewApp is the web application in Okta through which reviewers sign in.
const reviewApp = "0oaLatchkeyReviews"

// links is what signs and opens links.
func (p *Playground) links() config.ReviewLinks {
	return config.ReviewLinks{LinkSecrets: config.Secrets{config.NewSecret(p.Secrets.ReviewLinks)}}
}
