package detection

import "time"

func utc(milli int64) time.Time { return time.UnixMilli(milli).UTC() }
