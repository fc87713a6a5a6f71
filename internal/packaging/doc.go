// Package packaging holds no code: its tests check what nobody runs on this machine, the container image, the compose
// file and the example of its settings, against the programs they start. No container engine is needed.
package packaging
