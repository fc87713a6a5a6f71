package workflows

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// Register gives every workflow its name. Names are explicit, so that renaming a function breaks no history.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Intake, workflow.RegisterOptions{Name: contract.WorkflowIntake})
	r.RegisterWorkflowWithOptions(Offboarding, workflow.RegisterOptions{Name: string(casework.Offboarding)})
	r.RegisterWorkflowWithOptions(AccessRequest, workflow.RegisterOptions{Name: string(casework.AccessRequest)})
	r.RegisterWorkflowWithOptions(Onboarding, workflow.RegisterOptions{Name: string(casework.Onboarding)})
	r.RegisterWorkflowWithOptions(RoleChange, workflow.RegisterOptions{Name: string(casework.RoleChange)})
	r.RegisterWorkflowWithOptions(CredentialReset, workflow.RegisterOptions{Name: string(casework.CredentialReset)})
	r.RegisterWorkflowWithOptions(Person, workflow.RegisterOptions{Name: contract.WorkflowPerson})
	r.RegisterWorkflowWithOptions(Controls, workflow.RegisterOptions{Name: contract.WorkflowControls})
	r.RegisterWorkflowWithOptions(Sweep, workflow.RegisterOptions{Name: contract.WorkflowSweep})
	r.RegisterWorkflowWithOptions(DailyDigest, workflow.RegisterOptions{Name: contract.WorkflowDigest})
	r.RegisterWorkflowWithOptions(Grant, workflow.RegisterOptions{Name: contract.WorkflowGrant})
	r.RegisterWorkflowWithOptions(ProfileSync, workflow.RegisterOptions{Name: string(casework.ProfileSync)})
	r.RegisterWorkflowWithOptions(SecurityAlert, workflow.RegisterOptions{Name: string(casework.SecurityAlert)})
	r.RegisterWorkflowWithOptions(SyncAll, workflow.RegisterOptions{Name: contract.WorkflowSyncAll})
	r.RegisterWorkflowWithOptions(SyncFind, workflow.RegisterOptions{Name: contract.WorkflowSyncFind})
	r.RegisterWorkflowWithOptions(SystemLog, workflow.RegisterOptions{Name: contract.WorkflowSystemLog})
	r.RegisterWorkflowWithOptions(Reviewer, workflow.RegisterOptions{Name: contract.WorkflowReviewer})
	r.RegisterWorkflowWithOptions(AccessReview, workflow.RegisterOptions{Name: string(casework.AccessReview)})
	r.RegisterWorkflowWithOptions(Revocation, workflow.RegisterOptions{Name: contract.WorkflowRevocation})
	r.RegisterWorkflowWithOptions(ReviewLauncher, workflow.RegisterOptions{Name: contract.WorkflowReviewLaunch})
	r.RegisterWorkflowWithOptions(Bulk, workflow.RegisterOptions{Name: contract.WorkflowBulk})
	r.RegisterWorkflowWithOptions(BulkRow, workflow.RegisterOptions{Name: contract.WorkflowBulkRow})
	r.RegisterWorkflowWithOptions(Preview, workflow.RegisterOptions{Name: contract.WorkflowPreview})
}
