package reviews_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip()
	}
	o := newOffice(t)
	b := browser(t)
	shot := func(name, url string, l look) {
		v := openTab(t, b, l)
		v.goTo(url)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), v.screenshot(), 0o600))
	}
	link := o.link(boss, "l1", 24*time.Hour)
	shot("desk", link, desktop)
	shot("phone", link, look{390, 844, "dark", true})
}
