package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheBoundIsTheLeastTimeThatTheLimitAllows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		calls, limit int
		want         time.Duration
	}{
		{1, 300, 10 * time.Second},
		{300, 300, 10 * time.Second},
		{301, 300, 70 * time.Second},
		{1500, 300, 250 * time.Second},
		{1500, 225, 370 * time.Second},
	} {
		assert.Equal(t, tt.want, bound(tt.calls, tt.limit), "%d calls at %d a minute", tt.calls, tt.limit)
	}
}

func TestAFigureStandsBesideItsGoal(t *testing.T) {
	t.Parallel()
	r := &report{}
	r.aim("some_ratio", 1.04, "ratio", atMost(1.05), "of %d", 7)
	r.aim("another", 3, "calls", "", "to compare with")
	assert.Equal(t, []string{"goal at most 1.05; of 7", "to compare with"}, []string{r.figures[0].Note, r.figures[1].Note})
	var table bytes.Buffer
	require.NoError(t, r.table(&table))
	assert.Regexp(t, `some_ratio +1\.04 +at most 1\.05 +ratio +of 7\n`, table.String())

	only := &report{only: "another"}
	only.aim("some_ratio", 1.04, "ratio", atMost(1.05), "")
	assert.Empty(t, only.figures)
}

// Each figure that was asked for is found by its name, in one benchmark.
func TestOneBenchmarkGivesAFigure(t *testing.T) {
	t.Parallel()
	for figure, want := range map[string]string{
		"gate_wall_over_bound": "joiners", "gate3_429": "joiners", "bulk_ungated_429": "joiners", "bulk_ungated_wall_over_bound": "joiners",
		"bulk_sdk_script_wall_over_bound": "joiners", "bulk_sdk_script_429": "joiners",
		"waiting_rss_mib": "waiting", "waiting_nudge_p99_ms": "waiting", "cases_over_bare_temporal": "throughput",
		"bridge_p50_ms": "webhooks", "bridge_p99_ms": "webhooks", "bridge_p99_over_bare_signal": "webhooks", "bridge_lost": "webhooks",
		"bridge_accepted_per_s": "bridge", "crowd_access_p50_s": "crowd",
	} {
		var found []string
		for _, b := range benchmarks() {
			if b.wanted(figure) {
				found = append(found, b.name)
			}
		}
		assert.Equal(t, []string{want}, found, figure)
	}
}

func TestCostsAreAveraged(t *testing.T) {
	t.Parallel()
	sum := cost{}
	for _, c := range []cost{{runs: 2, activities: 12, kib: 40}, {runs: 2, activities: 14, kib: 50}} {
		sum = sum.plus(c, 0.5)
	}
	assert.Equal(t, cost{runs: 2, activities: 13, kib: 45}, sum)
}

func TestAChildThatEndsSaysWhatItSaid(t *testing.T) {
	t.Parallel()
	c, err := startChild("talker", "/bin/sh", nil, "-c", "echo it serves http://127.0.0.1:4711 >&2; echo and ends >&2; exit 3")
	require.NoError(t, err)
	<-c.done
	url, err := c.url(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "http://127.0.0.1:4711", url)
	err = c.stop()
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "and ends")

	quiet, err := startChild("quiet", "/bin/sh", nil, "-c", "exec sleep 60")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = quiet.url(ctx)
	require.ErrorContains(t, err, "quiet")
	require.NoError(t, quiet.stop())
}
