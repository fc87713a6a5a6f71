package main

import (
	"bytes"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"

	"latchkey/internal/playground"
)

// scrub takes out what names the machine that recorded: the workers' identity, the queue of one process, stack traces.
// Replay looks at none of them.
func scrub(history *historypb.History) {
	_ = protorange.Range(history.ProtoReflect(), func(v protopath.Values) error { // the function returns no error
		message, ok := v.Index(-1).Value.Interface().(protoreflect.Message)
		if !ok {
			return nil
		}
		if queue, ok := message.Interface().(*taskqueuepb.TaskQueue); ok && queue.GetKind() == enumspb.TASK_QUEUE_KIND_STICKY {
			queue.Name = "sticky"
		}
		for name, value := range map[protoreflect.Name]string{"identity": "worker", "stack_trace": ""} {
			if field := message.Descriptor().Fields().ByName(name); field != nil && field.Kind() == protoreflect.StringKind && message.Has(field) {
				message.Set(field, protoreflect.ValueOfString(value))
			}
		}
		return nil
	})
}

// leak names a secret, or the mark of one, that a history holds. Payloads are looked into: our data converter stores
// JSON, and the wire form holds its bytes as they are.
func leak(history *historypb.History, secrets playground.Secrets) (string, error) {
	wire, err := proto.Marshal(history)
	if err != nil {
		return "", err
	}
	for name, secret := range map[string]string{
		"the Okta token": secrets.OktaToken, "the desk's key": secrets.DeskKey, "the portal's key": secrets.PortalKey, "the webhook's secret": secrets.Webhook,
	} {
		if secret != "" && bytes.Contains(wire, []byte(secret)) {
			return name, nil
		}
	}
	for _, mark := range marks() {
		if bytes.Contains(bytes.ToLower(wire), []byte(mark)) {
			return mark, nil
		}
	}
	return "", nil
}

// marks are words, in small letters, that stand beside secrets: credentials in headers, and Okta's links that let
// whoever has them sign in (reference: okta-api, §3.1).
func marks() []string {
	return []string{"bearer ", "ssws", "authorization:", "activationurl", "activationtoken", "resetpasswordurl", "/welcome/", "/reset_password/", "/signin/reset-password", "recoverytoken", "private_key", "client_assertion"}
}
