package oktasim

import (
	"net"
	"net/http"
	"net/netip"
)

// clientIP is the address a request came from, for the System Log.
func clientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func ipVersion(ip string) string {
	if a, err := netip.ParseAddr(ip); err == nil && a.Is6() {
		return "V6"
	}
	return "V4"
}
