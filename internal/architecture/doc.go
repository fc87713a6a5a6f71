// Package architecture holds no code: its tests keep the arrows between the rooms pointing down (design: "Rooms"), keep
// the outside world out of the workflows, and keep the links between the documents alive.
package architecture
