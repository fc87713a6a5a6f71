package policy

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// functions are what expressions may call beside CEL's own (docs/policy.md, "Functions"). The macro `has` is left out:
// every field is always there, and an answer that was not given is null.
func functions() []cel.EnvOption {
	dynList, stringList := cel.ListType(cel.DynType), cel.ListType(cel.StringType)
	itemType := cel.ObjectType(itemTypeName)
	return []cel.EnvOption{
		cel.ClearMacros(),
		cel.Macros(cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro, cel.MapMacro, cel.MapFilterMacro, cel.FilterMacro,
			itemMacro("item", "item_of"), itemMacro("has_item", "has_item_of")),
		cel.Function("item_of", cel.Overload("item_of_list_string", []*cel.Type{cel.ListType(itemType), cel.StringType},
			itemType, cel.BinaryBinding(findItem))),
		cel.Function("has_item_of", cel.Overload("has_item_of_list_string",
			[]*cel.Type{cel.ListType(itemType), cel.StringType}, cel.BoolType, cel.BinaryBinding(hasItem))),
		cel.Function("keyword", cel.Overload("keyword_string_list", []*cel.Type{cel.StringType, stringList}, cel.BoolType,
			cel.BinaryBinding(keyword))),
		cel.Function("text", cel.Overload("text_dyn", []*cel.Type{cel.DynType}, cel.StringType, cel.UnaryBinding(textOf))),
		cel.Function("filled", cel.Overload("filled_dyn", []*cel.Type{cel.DynType}, cel.BoolType, cel.UnaryBinding(filledVal))),
		cel.Function("first_of", cel.Overload("first_of_list", []*cel.Type{dynList}, cel.DynType, cel.UnaryBinding(firstOf))),
	}
}

// itemMacro writes item("Laptop") as item_of(ticket.items, "Laptop"), so that what the call looks at is seen by the
// checker and by the prefilter, which knows no items.
func itemMacro(name, function string) cel.Macro {
	return cel.GlobalMacro(name, 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		return f.NewCall(function, f.NewSelect(f.NewIdent("ticket"), "items"), args[0]), nil
	})
}

func eachItem(list, name ref.Val) (ref.Val, bool) {
	items, ok := list.(traits.Lister)
	if !ok {
		return nil, false
	}
	wanted, ok := name.Value().(string)
	if !ok {
		return nil, false
	}
	for it := items.Iterator(); it.HasNext() == types.True; {
		one := it.Next()
		native, err := one.ConvertToNative(itemReflect)
		if err != nil {
			continue
		}
		if i, is := native.(itemVars); is && strings.EqualFold(strings.TrimSpace(i.Name), strings.TrimSpace(wanted)) {
			return one, true
		}
	}
	return nil, false
}

func findItem(list, name ref.Val) ref.Val {
	if found, ok := eachItem(list, name); ok {
		return found
	}
	return noItem
}

func hasItem(list, name ref.Val) ref.Val {
	_, ok := eachItem(list, name)
	return types.Bool(ok)
}

// keyword finds any of the phrases in the text, as whole words and whatever the case.
func keyword(text, phrases ref.Val) ref.Val {
	hay, ok := text.Value().(string)
	list, isList := phrases.(traits.Lister)
	if !ok || !isList {
		return types.MaybeNoSuchOverloadErr(text)
	}
	hay = strings.ToLower(hay)
	for it := list.Iterator(); it.HasNext() == types.True; {
		if phrase, is := it.Next().Value().(string); is && holdsPhrase(hay, strings.ToLower(strings.TrimSpace(phrase))) {
			return types.True
		}
	}
	return types.False
}

func holdsPhrase(hay, phrase string) bool {
	if phrase == "" {
		return false
	}
	for from := 0; ; {
		at := strings.Index(hay[from:], phrase)
		if at < 0 {
			return false
		}
		start := from + at
		before, _ := utf8.DecodeLastRuneInString(hay[:start])
		after, _ := utf8.DecodeRuneInString(hay[start+len(phrase):])
		if !wordRune(before) && !wordRune(after) {
			return true
		}
		from = start + 1
	}
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

func textOf(v ref.Val) ref.Val { return types.String(plainText(v)) }

// plainText is a value as a person would write it; null is empty, and a looked-up record is its name.
func plainText(v ref.Val) string {
	switch x := v.(type) {
	case types.String:
		return strings.TrimSpace(string(x))
	case types.Bool:
		return strconv.FormatBool(bool(x))
	case types.Int:
		return strconv.FormatInt(int64(x), 10)
	case types.Uint:
		return strconv.FormatUint(uint64(x), 10)
	case types.Double:
		return strconv.FormatFloat(float64(x), 'f', -1, 64)
	case types.Timestamp:
		return x.UTC().Format(time.RFC3339)
	case traits.Mapper:
		if name, found := x.Find(types.String("name")); found && name != types.NullValue {
			if s, is := name.Value().(string); is {
				return strings.TrimSpace(s)
			}
		}
		return ""
	case traits.Lister:
		var parts []string
		for it := x.Iterator(); it.HasNext() == types.True; {
			if s := plainText(it.Next()); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ", ")
	default:
		return ""
	}
}

// filledVal says whether a question was answered: not null, not an empty text, list or record.
func filledVal(v ref.Val) ref.Val { return types.Bool(filled(v)) }

func filled(v ref.Val) bool {
	switch x := v.(type) {
	case types.Null:
		return false
	case types.String:
		return strings.TrimSpace(string(x)) != ""
	case traits.Sizer:
		return x.Size() != types.IntZero
	default:
		return true
	}
}

// firstOf is the first value of a list that is filled, or null.
func firstOf(list ref.Val) ref.Val {
	values, ok := list.(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(list)
	}
	for it := values.Iterator(); it.HasNext() == types.True; {
		if v := it.Next(); filled(v) {
			return v
		}
	}
	return types.NullValue
}

// sizes estimates what CEL cannot know when it bounds the cost of an expression.
type sizes struct{}

// EstimateSize is part of checker.CostEstimator.
func (sizes) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	const mostItems, mostAnswer = 100, 4 << 10
	most := uint64(mostAnswer)
	if kind := node.Type().Kind(); kind == types.ListKind || kind == types.MapKind {
		most = mostItems
	} else if path := node.Path(); len(path) == 2 && path[0] == "ticket" && path[1] == "text" {
		most = mostText
	}
	return &checker.SizeEstimate{Min: 0, Max: most}
}

// EstimateCallCost is part of checker.CostEstimator.
func (sizes) EstimateCallCost(function, _ string, _ *checker.AstNode, args []checker.AstNode) *checker.CallEstimate {
	const perWord = mostText / 10
	switch function {
	case "keyword":
		words := uint64(100)
		if len(args) == 2 {
			if size := args[1].ComputedSize(); size != nil {
				words = size.Max
			}
		}
		return &checker.CallEstimate{CostEstimate: checker.CostEstimate{Min: 1, Max: 1 + words*perWord}}
	case "item_of", "has_item_of":
		return &checker.CallEstimate{CostEstimate: checker.CostEstimate{Min: 1, Max: 100}}
	case "text", "ascii", "lower", "upper", "title_case", "handle", "first_name", "last_name":
		return &checker.CallEstimate{
			CostEstimate: checker.CostEstimate{Min: 1, Max: 100},
			ResultSize:   &checker.SizeEstimate{Min: 0, Max: 4 << 10},
		}
	default:
		return nil
	}
}

// CallCost is part of interpreter.ActualCostEstimator: what our own functions cost when they run.
func (sizes) CallCost(function, _ string, args []ref.Val, _ ref.Val) *uint64 {
	cost := uint64(1)
	switch function {
	case "keyword":
		if len(args) == 2 {
			cost += sizeOf(args[0]) / 10 * max(1, sizeOf(args[1]))
		}
	case "item_of", "has_item_of", "first_of":
		if len(args) > 0 {
			cost += sizeOf(args[0])
		}
	default:
		return nil
	}
	return &cost
}

func sizeOf(v ref.Val) uint64 {
	if s, ok := v.(traits.Sizer); ok {
		if n, is := s.Size().Value().(int64); is && n > 0 {
			return uint64(n)
		}
	}
	return 0
}
