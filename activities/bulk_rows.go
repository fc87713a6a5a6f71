package activities

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"gocloud.dev/blob"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/evidence"
)

// failedShown is how many failed rows a tally names.
const failedShown = 1000

// bulkFile reads the rows of a batch, and does not hand out what is not what its digest says.
func bulkFile(ctx context.Context, blobs *blob.Bucket, batch string) (contract.BulkFile, error) {
	var file contract.BulkFile
	there, err := readBlob(ctx, blobs, contract.BulkFileKey(batch), &file)
	if err != nil {
		return file, err
	}
	if !there {
		return file, problemf(casework.NotFound, "the blob store has no %s: do the workers and `starter bulk` use the same LATCHKEY_BLOB_URL?", contract.BulkFileKey(batch))
	}
	sum, err := file.Sum()
	if err != nil {
		return file, err
	}
	if sum != file.Digest || file.Batch != batch {
		return file, problemf(casework.Invalid, "%s is not what was checked: its digest differs. Abort the batch and start it again from its file", contract.BulkFileKey(batch))
	}
	return file, nil
}

// bulkRows keeps the rows that were read last: a batch asks for a few at a time, all day long.
type bulkRows struct {
	mu   sync.Mutex
	last contract.BulkFile
}

func (b *bulkRows) file(ctx context.Context, blobs *blob.Bucket, batch, digest string) (contract.BulkFile, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last.Batch == batch && b.last.Digest == digest {
		return b.last, nil
	}
	file, err := bulkFile(ctx, blobs, batch)
	if err == nil {
		b.last = file
	}
	return file, err
}

// BulkRows reads a stretch of the rows of a batch. It hands out only what was approved.
func (e *Engine) BulkRows(ctx context.Context, in contract.BulkRowsInput) (contract.BulkRowsResult, error) {
	rows, err := e.bulkStretch(ctx, in)
	return contract.BulkRowsResult{Rows: rows}, failure(clock(e.Now), "reading the rows of batch "+in.Batch, err)
}

func (e *Engine) bulkStretch(ctx context.Context, in contract.BulkRowsInput) ([]casework.Request, error) {
	file, err := e.bulk.file(ctx, e.Blobs, in.Batch, in.Digest)
	if err != nil {
		return nil, err
	}
	if file.Digest != in.Digest {
		return nil, problemf(casework.Invalid, "the rows of batch %s are not those that were approved: abort it, and start it again from its file", in.Batch)
	}
	if in.From < 1 || in.Most < 1 || in.From > len(file.Rows) {
		return nil, problemf(casework.Invalid, "batch %s has rows 1 to %d, not %d and %d more", in.Batch, len(file.Rows), in.From, in.Most)
	}
	return slices.Clone(file.Rows[in.From-1 : min(in.From-1+in.Most, len(file.Rows))]), nil
}

// BulkKeep keeps how a row ended. The last try of a row is what counts.
func (e *Engine) BulkKeep(ctx context.Context, in contract.BulkKeepInput) error {
	err := writeBlob(ctx, e.Blobs, contract.BulkResultKey(in.Batch, in.Result.Row), in.Result)
	return failure(clock(e.Now), fmt.Sprintf("keeping the result of row %d of batch %s", in.Result.Row, in.Batch), err)
}

// BulkTally counts the results of a batch. Rows without one are in none of the counts.
func (e *Engine) BulkTally(ctx context.Context, in contract.BulkTallyInput) (contract.BulkTallyResult, error) {
	tally, err := e.bulkTally(ctx, in)
	return tally, failure(clock(e.Now), "counting the results of batch "+in.Batch, err)
}

func (e *Engine) bulkTally(ctx context.Context, in contract.BulkTallyInput) (contract.BulkTallyResult, error) {
	var tally contract.BulkTallyResult
	for row := 1; row <= in.Rows; row++ {
		var r contract.BulkResult
		there, err := readBlob(ctx, e.Blobs, contract.BulkResultKey(in.Batch, row), &r)
		if err != nil {
			return contract.BulkTallyResult{}, err
		}
		switch {
		case !there:
		case r.Failed():
			if tally.Failed++; len(tally.Rows) < failedShown {
				tally.Rows = append(tally.Rows, row)
			}
		case r.End == casework.EndResiduals:
			tally.Residuals++
		default:
			tally.Done++
		}
		if err := beat(ctx, row); err != nil {
			return contract.BulkTallyResult{}, err
		}
	}
	return tally, nil
}

// bulkCSV is the result of every row of a batch.
func bulkCSV(ctx context.Context, blobs *blob.Bucket, batch string) ([]byte, error) {
	file, err := bulkFile(ctx, blobs, batch)
	if err != nil {
		return nil, err
	}
	lines := make([][]string, 0, len(file.Rows))
	for row := range file.Rows {
		r := contract.BulkResult{}
		if _, err := readBlob(ctx, blobs, contract.BulkResultKey(batch, row+1), &r); err != nil {
			return nil, err
		}
		if r.Row = row + 1; r.Person == "" {
			r.Person = contract.BulkPerson(file.Rows[row])
		}
		lines = append(lines, r.Cells())
		if err := beat(ctx, row); err != nil {
			return nil, err
		}
	}
	return evidence.Sheet(contract.BulkResultHead(), lines)
}
