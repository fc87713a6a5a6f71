package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"
	"gocloud.dev/blob"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/policy"
)

// ReadBulk reads a file of people whole, as policy reads a form, and names its batch by the use case and the digest. The
// file is of use only when there are no problems.
func ReadBulk(p *policy.Policy, useCase casework.UseCase, name string, in io.Reader) (contract.BulkFile, []policy.BulkProblem, error) {
	form, err := p.BulkForm(useCase)
	if err != nil {
		return contract.BulkFile{}, nil, err
	}
	rows, problems, err := form.ReadBulk(in)
	if err != nil || len(problems) > 0 {
		return contract.BulkFile{}, problems, err
	}
	file := contract.BulkFile{UseCase: useCase, Name: name, Rule: form.Rule}
	for _, r := range rows {
		c := r.Read
		file.Rows = append(file.Rows, casework.Request{
			UseCase: useCase, Rule: form.Rule, Subject: c.Subject, Fields: c.Fields, EffectiveAt: c.EffectiveAt,
			EffectiveText: c.EffectiveText, LocalEffective: c.LocalEffective, Reason: c.Reason,
		})
	}
	file, err = sealBulk(file)
	return file, nil, err
}

// sealBulk gives the file its digest, and its batch the name. The digest is over the rows as they are read back, so that
// a number or a date of a form looks the same to the workers.
func sealBulk(file contract.BulkFile) (contract.BulkFile, error) {
	raw, err := json.Marshal(file)
	if err != nil {
		return file, fmt.Errorf("encode the rows: %w", err)
	}
	file = contract.BulkFile{}
	if err := json.Unmarshal(raw, &file); err != nil {
		return file, fmt.Errorf("decode the rows: %w", err)
	}
	if file.Digest, err = file.Sum(); err != nil {
		return file, err
	}
	verb := "onboard"
	if file.UseCase == casework.Offboarding {
		verb = "offboard"
	}
	file.Batch = verb + "-" + file.Digest[:12]
	return file, nil
}

// StartBulk puts the rows where the workers read them, and starts the batch. The same rows again are an
// already-started error of Temporal; what is stored is the same then, for the batch is named by its digest.
func StartBulk(ctx context.Context, c client.Client, bucket *blob.Bucket, file contract.BulkFile, ticket int64, by contract.Operator) error {
	raw, err := json.Marshal(file)
	if err != nil {
		return fmt.Errorf("encode the rows: %w", err)
	}
	if err := bucket.WriteAll(ctx, contract.BulkFileKey(file.Batch), raw, &blob.WriterOptions{ContentType: "application/json"}); err != nil {
		return fmt.Errorf("the blob store does not take the rows: %w", err)
	}
	_, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: contract.BulkWorkflowID(file.Batch), TaskQueue: contract.QueueLatchkey, StaticSummary: "Batch " + file.Batch,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 sdktemporal.Priority{PriorityKey: casework.PriorityBulk},
		TypedSearchAttributes:                    sdktemporal.NewSearchAttributes(sdktemporal.NewSearchAttributeKeyKeyword(contract.AttrBatch).ValueSet(file.Batch)),
	}, contract.WorkflowBulk, contract.BulkInput{Batch: file.Batch, UseCase: file.UseCase, Rows: len(file.Rows), Ticket: ticket, Named: by})
	return err
}
