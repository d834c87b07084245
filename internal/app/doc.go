// Package app is the hall of the house: it builds every room from the settings, once, and owns start and stop.
// It is the only package that knows all the others.
package app
