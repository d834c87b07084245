//go:build !azuresdk

package config

// azureSDKBuiltIn says whether SPEECH_PROVIDER may be azure-sdk in this program.
const azureSDKBuiltIn = false
