package activities

import (
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/policy"
)

// noteSource is a conversation's source where an agent wrote a note (reference/freshservice-api.md §4.8).
const noteSource = 2

// mostAnswers is how many answers of a ticket are looked at; the newest count.
const mostAnswers = 20

// personAnswers reads who people say a joiner is, oldest first. Only private notes count: the desk lets nobody but agents
// write them and says which one did, while a reply is an e-mail that anybody may have sent. What was meant as an answer
// and does not count is listed with the reason, so that its writer hears of it.
func (d *Desk) personAnswers(ctx context.Context, may policy.AnswersPolicy, t freshservice.Ticket) ([]casework.PersonAnswer, error) {
	if may.Words() == "" {
		return nil, nil
	}
	me, err := d.self(ctx)
	if err != nil {
		return nil, err
	}
	notes, err := d.Client.ListConversations(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	var answers []casework.PersonAnswer
	for _, note := range notes {
		if !note.Private || note.Incoming || note.Source != noteSource || me.ID != 0 && note.UserID == me.ID {
			continue
		}
		text := note.BodyText
		if strings.TrimSpace(text) == "" || note.Body != "" { // the body keeps lines apart
			text = freshservice.HTMLToText(note.Body)
		}
		if markerText.MatchString(text) {
			continue // a note of ours, quoted or not
		}
		answer, meant, wrong := casework.ParsePersonAnswer(text)
		if !meant {
			continue
		}
		if wrong == "" && note.UpdatedAt.Sub(note.CreatedAt) > time.Second {
			wrong = "the note was edited; write a new one"
		}
		if answer, err = d.answered(ctx, may, t, note, answer, wrong); err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	return answers[max(0, len(answers)-mostAnswers):], nil
}

// answered says who wrote an answer, and whether it counts.
func (d *Desk) answered(ctx context.Context, may policy.AnswersPolicy, t freshservice.Ticket, note freshservice.Conversation, answer casework.PersonAnswer, wrong string) (casework.PersonAnswer, error) {
	person, known, err := d.personByID(ctx, note.UserID)
	if err != nil {
		return answer, err
	}
	if answer.By = person.Name(); !known || answer.By == "" {
		answer.By = "somebody whom the desk does not name"
	}
	answer.At = note.CreatedAt.UTC()
	allowed := known && person.IsAgent && person.Active
	if allowed {
		if allowed, err = d.mayAnswer(ctx, may, person); err != nil {
			return answer, err
		}
	}
	switch {
	case !allowed:
		wrong = "policy does not let them say who a joiner is"
	case !may.Requester && (note.UserID == t.RequesterID || note.UserID == t.RequestedForID):
		wrong = "policy does not let whoever filed the ticket say it"
	}
	if wrong != "" {
		return casework.PersonAnswer{By: answer.By, At: answer.At, Refused: wrong}, nil
	}
	return answer, nil
}

func (d *Desk) mayAnswer(ctx context.Context, may policy.AnswersPolicy, person freshservice.Person) (bool, error) {
	same := func(is string) func(string) bool {
		return func(named string) bool { return strings.EqualFold(strings.TrimSpace(named), strings.TrimSpace(is)) }
	}
	if person.Email != "" && slices.ContainsFunc(may.People, same(person.Email)) {
		return true, nil
	}
	for _, id := range person.MemberOf {
		name, err := d.groupNameOf(ctx, id)
		if err != nil {
			return false, err
		}
		if name != "" && slices.ContainsFunc(may.Groups, same(name)) {
			return true, nil
		}
	}
	return false, nil
}
