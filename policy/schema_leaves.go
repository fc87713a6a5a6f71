package policy

import "math"

// The schemas of single values, beside the readers of scalars.go. A pattern takes whatever the reader takes.

func textLeaf() leaf {
	return like("text", `\S`, "A text. A number, or a word such as true, goes in quotes.")
}

func wholeLeaf(least, most int) leaf {
	s := schema{"type": "integer", "minimum": least}
	if most != math.MaxInt {
		s["maximum"] = most
	}
	return leaf{schema: s}
}

const spanForm = `^([0-9]+(\.[0-9]+)?[dhms])+$`

func spanLeaf() leaf {
	return like("duration", spanForm, "A duration such as 30d, 36h, 1d12h, 90m or 0s.")
}

func positiveLeaf() leaf {
	l := like("duration_above_zero", spanForm, "A duration above zero such as 30d, 36h or 90m.")
	l.schema["allOf"] = []schema{{"pattern": "[1-9]"}}
	return l
}

func clockLeaf() leaf {
	return like("time_of_day", `^([01][0-9]|2[0-3]):[0-5][0-9]$`, `A time of day in quotes such as "18:00".`)
}

func zoneLeaf() leaf {
	return like("time_zone", `^[A-Za-z0-9_+/-]+$`, "An IANA time zone such as Europe/Berlin or UTC.")
}

func addressLeaf() leaf {
	return like("address", `^\s*[^\s"\\,;<>()]+@[^\s"\\,;<>()]+\s*$`, "An e-mail address.")
}

func domainLeaf() leaf {
	return like("domain", `^\s*[^\s"\\,;<>()@]+\.[^\s"\\,;<>()@]+\s*$`, "A mail domain such as acme.example.")
}

const dayForm = `[0-9]{4}-[0-9]{2}-[0-9]{2}`

func dateLeaf() leaf {
	return like("date", `^`+dayForm+`(T.+)?$`, "A date such as 2027-03-31, or a moment such as 2027-03-31T18:00:00Z.")
}

func dayOfYearLeaf() leaf {
	const day = `(` + dayForm + `|[0-9]{2}-[0-9]{2})`
	return like("day", `^`+day+`(\s*\.\.\s*`+day+`)?$`, "A date such as 2026-12-25, a day of every year such as 12-25, or several in a row such as 2026-12-24..2026-12-31.")
}

func instantLeaf() leaf {
	return like("moment", `^`+dayForm+`T.+$`, "A moment such as 2026-11-24T09:00:00Z.")
}

const (
	hourForm    = `([01][0-9]|2[0-4]):[0-5][0-9]`
	stretchForm = `\s*` + hourForm + `\s*-\s*` + hourForm + `\s*`
)

func stretchLeaf() leaf { return like("hours", `^`+stretchForm+`$`, "Hours such as 09:00-17:00.") }

func dayLeaf() leaf {
	return like("hours_of_a_day", `^(closed|`+stretchForm+`)$`, "Hours such as 09:00-17:00, or closed.")
}

func calendarLeaf() leaf {
	return like("calendar", `\S`, "The name of a calendar of this file, or none: every hour counts.")
}
