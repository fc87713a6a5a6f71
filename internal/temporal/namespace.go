package temporal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// RetentionLeast is the shortest retention that lets a ticket's closed case be looked at while webhooks about it may
// still come and people may still ask.
const RetentionLeast = 72 * time.Hour

// Namespace is what is known of one.
type Namespace struct {
	Name      string
	Retention time.Duration
}

// DescribeNamespace reads the namespace. One that does not exist is an error that says how to make it.
func DescribeNamespace(ctx context.Context, c client.Client, name string) (Namespace, error) {
	answer, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: name})
	var missing *serviceerror.NamespaceNotFound
	var absent *serviceerror.NotFound
	switch {
	case errors.As(err, &missing), errors.As(err, &absent):
		return Namespace{}, fmt.Errorf("temporal: there is no namespace %s: make it with `temporal operator namespace create --namespace %s --retention 30d`, or set TEMPORAL_NAMESPACE: %w", name, name, err)
	case err != nil:
		return Namespace{}, fmt.Errorf("temporal: reading namespace %s: %w", name, err)
	}
	return Namespace{Name: name, Retention: answer.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration()}, nil
}
