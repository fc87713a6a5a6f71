package temporal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/contract"
)

// attributeTypes are the search attributes of a namespace that runs Latchkey.
func attributeTypes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		contract.AttrState:    enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrTicket:   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrOktaUser: enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrLevel:    enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrDueAt:    enumspb.INDEXED_VALUE_TYPE_DATETIME,
		contract.AttrCampaign: enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrBatch:    enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	}
}

// DevServerAttributes are the same for testsuite.DevServerOptions, which looks at names and types only.
func DevServerAttributes() sdktemporal.SearchAttributes {
	return sdktemporal.NewSearchAttributes(
		sdktemporal.NewSearchAttributeKeyKeyword(contract.AttrState).ValueSet(""),
		sdktemporal.NewSearchAttributeKeyKeyword(contract.AttrTicket).ValueSet(""),
		sdktemporal.NewSearchAttributeKeyKeyword(contract.AttrOktaUser).ValueSet(""),
		sdktemporal.NewSearchAttributeKeyKeyword(contract.AttrLevel).ValueSet(""),
		sdktemporal.NewSearchAttributeKeyTime(contract.AttrDueAt).ValueSet(time.Time{}),
		sdktemporal.NewSearchAttributeKeyKeyword(contract.AttrCampaign).ValueSet(""),
		sdktemporal.NewSearchAttributeKeyKeyword(contract.AttrBatch).ValueSet(""),
	)
}

// MissingAttributes lists the search attributes that the namespace lacks, sorted. One that is there with another type is
// an error: Temporal cannot change a type.
func MissingAttributes(ctx context.Context, c client.Client, namespace string) ([]string, error) {
	there, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("temporal: listing the search attributes: %w", err)
	}
	var missing []string
	types := attributeTypes()
	for _, name := range slices.Sorted(maps.Keys(types)) {
		found, ok := there.GetCustomAttributes()[name]
		switch {
		case !ok:
			missing = append(missing, name)
		case found != types[name]:
			return nil, fmt.Errorf("temporal: the search attribute %s is a %s, and has to be a %s: remove it with `temporal operator search-attribute remove --name %s` and run `starter setup` again",
				name, found, types[name], name)
		}
	}
	return missing, nil
}

// EnsureAttributes makes the search attributes that the namespace lacks and returns their names. Asking again makes none.
func EnsureAttributes(ctx context.Context, c client.Client, namespace string) ([]string, error) {
	missing, err := MissingAttributes(ctx, c, namespace)
	if err != nil || len(missing) == 0 {
		return nil, err
	}
	types := attributeTypes()
	wanted := map[string]enumspb.IndexedValueType{}
	for _, name := range missing {
		wanted[name] = types[name]
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: wanted})
	var already *serviceerror.AlreadyExists
	var denied *serviceerror.PermissionDenied
	switch {
	case err == nil, errors.As(err, &already): // somebody was quicker
		return missing, nil
	case errors.As(err, &denied):
		return nil, fmt.Errorf("temporal: this credential may not make search attributes; make %v by hand with `temporal operator search-attribute create`: %w", missing, err)
	}
	return nil, fmt.Errorf("temporal: making the search attributes %v: %w", missing, err)
}
