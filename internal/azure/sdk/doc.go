// Package sdk lets Azure Speech score pronunciation through Microsoft's Speech SDK for Go, in place of the REST API, for teams who
// have its native library. It is in programs only that are built with the tag azuresdk, which need cgo, the SDK's C headers and
// libMicrosoft.CognitiveServices.Speech.core (docs/operations.md, "Microsoft's SDK"); SPEECH_PROVIDER=azure-sdk chooses it there.
//
// The SDK's Go binding, v1.43.0, has no pronunciation assessment. It is asked for as Microsoft's other SDKs do it inside: by the
// property 12010 of the recogniser, which holds the parameters as JSON. The result is JSON in the SDK's nested form, which package
// azure decodes for both.
//
// This code was type-checked against the SDK's public C headers. It was never run: the native library was not to be had, and without a
// key nobody knows whether the property does from Go what it does elsewhere. Try it with "englishctl score" before learners do.
package sdk
