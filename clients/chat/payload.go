package chat

import (
	"strings"
	"unicode"
)

const (
	// Slack takes 150 characters in a header, 3,000 in a section (docs.slack.dev, Block Kit reference).
	mostSlackHeader  = 150
	mostSlackSection = 2900
	mostText         = 1500
	mostValue        = 300
)

// line makes a text fit for one line.
func line(s string, most int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.C, r) }), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// slackText escapes the three characters that mean something to Slack (docs.slack.dev, "Formatting message text"), so
// that nothing in an event can mention a channel or make a link.
func slackText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

type object = map[string]any

// slackPayload is a message of blocks, with its text for notifications. Texts from events stand in plain_text, which
// Slack does not format; links are buttons.
func slackPayload(m Message) object {
	plain := func(s string) object { return object{"type": "plain_text", "text": s, "emoji": false} }
	blocks := []object{{"type": "header", "text": plain(line(m.Title, mostSlackHeader))}}
	var body []string
	if m.Text != "" {
		body = append(body, line(m.Text, mostText))
	}
	for _, f := range m.Facts {
		body = append(body, line(f.Label, mostValue)+": "+line(f.Value, mostValue))
	}
	if text := strings.Join(body, "\n"); text != "" {
		if r := []rune(text); len(r) > mostSlackSection {
			text = string(r[:mostSlackSection]) + "…"
		}
		blocks = append(blocks, object{"type": "section", "text": plain(text)})
	}
	var buttons []object
	for _, l := range m.Links {
		if l.URL != "" {
			buttons = append(buttons, object{"type": "button", "text": plain(line(l.Title, 75)), "url": l.URL})
		}
	}
	if len(buttons) > 0 {
		blocks = append(blocks, object{"type": "actions", "elements": buttons})
	}
	return object{"text": slackText(line(m.Title, mostSlackHeader)), "blocks": blocks}
}

// teamsPayload is the message that a Teams workflow takes: one Adaptive Card as an attachment (learn.microsoft.com,
// "Create incoming webhooks with Workflows for Microsoft Teams").
func teamsPayload(m Message) object {
	// A TextBlock reads a subset of Markdown; what would format or link is escaped. A FactSet's values do as well.
	text := func(s string, most int) string { return teamsText(line(s, most)) }
	body := []object{{"type": "TextBlock", "text": text(m.Title, mostValue), "weight": "Bolder", "size": "Medium", "wrap": true}}
	if m.Text != "" {
		body = append(body, object{"type": "TextBlock", "text": text(m.Text, mostText), "wrap": true})
	}
	if len(m.Facts) > 0 {
		facts := make([]object, 0, len(m.Facts))
		for _, f := range m.Facts {
			facts = append(facts, object{"title": text(f.Label, mostValue), "value": text(f.Value, mostValue)})
		}
		body = append(body, object{"type": "FactSet", "facts": facts})
	}
	card := object{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body,
	}
	var actions []object
	for _, l := range m.Links {
		if l.URL != "" {
			actions = append(actions, object{"type": "Action.OpenUrl", "title": line(l.Title, 75), "url": l.URL})
		}
	}
	if len(actions) > 0 {
		card["actions"] = actions
	}
	return object{"type": "message", "attachments": []object{{
		"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card,
	}}}
}

// teamsText takes Markdown out of a text.
func teamsText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "`", "\\`", "~", `\~`, "<", "&lt;", ">", "&gt;").Replace(s)
}
