package policy

import (
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"golang.org/x/text/unicode/norm"
)

// transforms are the functions that turn an answer into a value for a profile (docs/policy.md, "Functions"). Each takes
// any answer as text(x) reads it, so that null is "".
func transforms() []cel.EnvOption {
	var opts []cel.EnvOption
	for name, change := range map[string]func(string) string{
		"lower": strings.ToLower, "upper": strings.ToUpper, "ascii": ascii, "handle": handle, "title_case": titleCase,
		"first_name": firstName, "last_name": lastName,
	} {
		opts = append(opts, cel.Function(name, cel.Overload(name+"_dyn", []*cel.Type{cel.DynType}, cel.StringType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.String(change(plainText(v))) }))))
	}
	return opts
}

// latin writes letters that do not decompose into a base letter and marks.
func latin(r rune) (string, bool) {
	switch r {
	case 'ß':
		return "ss", true
	case 'ẞ':
		return "SS", true
	case 'æ':
		return "ae", true
	case 'Æ':
		return "AE", true
	case 'œ':
		return "oe", true
	case 'Œ':
		return "OE", true
	case 'ø':
		return "o", true
	case 'Ø':
		return "O", true
	case 'ł':
		return "l", true
	case 'Ł':
		return "L", true
	case 'đ', 'ð':
		return "d", true
	case 'Đ', 'Ð':
		return "D", true
	case 'þ':
		return "th", true
	case 'Þ':
		return "Th", true
	case 'ı':
		return "i", true
	case 'ħ':
		return "h", true
	case 'Ħ':
		return "H", true
	case 'ŋ':
		return "n", true
	case 'Ŋ':
		return "N", true
	case 'ŧ':
		return "t", true
	case 'Ŧ':
		return "T", true
	case '’', '‘', 'ʼ':
		return "'", true
	case '‐', '‑', '–', '—':
		return "-", true
	default:
		return "", false
	}
}

// ascii writes Latin letters without their marks: Wiśniewski is Wisniewski, Søndergaard is Sondergaard. Letters of other
// scripts have no such writing and are left out.
func ascii(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if plain, known := latin(r); known {
			b.WriteString(plain)
		} else if r < unicode.MaxASCII && (r >= ' ' || r == '\t') {
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// handle makes a part of a login: ascii, lower case, a hyphen for each run of blanks, and nothing but letters, digits,
// dot, underscore and hyphen.
func handle(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		case r == ' ':
			return '-'
		default:
			return -1
		}
	}, strings.ToLower(ascii(s)))
}

// titleCase gives each word a capital where a form was filled in all in small or all in capital letters: O'SULLIVAN is
// O'Sullivan. A text in mixed case was written with care (de Vries, McDonald) and stays.
func titleCase(s string) string {
	if s != strings.ToLower(s) && s != strings.ToUpper(s) {
		return s
	}
	runes := []rune(s)
	start := true
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r) && start:
			runes[i], start = unicode.ToTitle(r), false
		case unicode.IsLetter(r):
			runes[i] = unicode.ToLower(r)
		case r == '\'' || r == '’': // O'Sullivan, but women's
			start = i+2 < len(runes) && unicode.IsLetter(runes[i+1]) && unicode.IsLetter(runes[i+2])
		case unicode.IsDigit(r): // 2nd
			start = false
		case !unicode.Is(unicode.Mn, r):
			start = true
		}
	}
	return string(runes)
}

// firstName is what comes before the last names in a form that asks for the whole name in one field: the first word, or
// what stands after the comma of "Okonkwo, Ada".
func firstName(full string) string {
	if _, after, comma := strings.Cut(full, ","); comma {
		return strings.Join(strings.Fields(after), " ")
	}
	words := strings.Fields(full)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// lastName is the rest of the name; empty where the form holds one word only.
func lastName(full string) string {
	if before, _, comma := strings.Cut(full, ","); comma {
		return strings.Join(strings.Fields(before), " ")
	}
	words := strings.Fields(full)
	if len(words) < 2 {
		return ""
	}
	return strings.Join(words[1:], " ")
}
