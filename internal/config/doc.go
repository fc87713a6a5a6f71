// Package config reads the settings of the processes from the environment.
//
// Every variable has one name, one default and one sentence in its struct. What is wrong comes back all at once, each
// problem with what to set. Secrets are of type Secret, which prints as "[secret]"; each may also come from a file that
// the variable <NAME>_FILE names. How to reach Temporal is not here: latchkey/internal/temporal reads the same variables
// and profile as the `temporal` command.
package config
