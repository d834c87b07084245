#!/bin/sh
# Makes the recordings in this folder: 0.35 s of synthesized speech (flite, voice slt) in what phones and programs write.
# *.ref.wav is FFmpeg's own decoding of each, at 16 kHz in µ-law, which the tests hold ours against. Needs flite, sox,
# ffmpeg and libavcodec-extra (Debian 12). The tests need none of them: what this writes is committed.
set -eu
cd "$(dirname "$0")"
rm -f -- *.wav *.m4a *.mp4 *.mov *.3gp *.mp3 *.ogg *.webm *.mkv *.amr
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flite -voice slt -t "Good morning." -o "$work/speech.wav"
sox -D "$work/speech.wav" -r 96000 -c 2 "$work/src.wav" trim 0.15 0.35 remix 1 1v0.5

ff() { ffmpeg -hide_banner -loglevel error -y -fflags +bitexact "$@"; }
# enc NAME OPTIONS...: encodes the speech.
enc() { name=$1; shift; ff -i "$work/src.wav" -map_metadata -1 "$@" -flags:a +bitexact "$name"; }
# ref NAME: FFmpeg's decoding of it.
ref() { ff -i "$1" -vn -ac 1 -ar 16000 -c:a pcm_mulaw -flags:a +bitexact "${1%.*}.ref.wav"; }

for layout in 8000:1 11025:1 16000:1 22050:2 24000:1 32000:1 44100:2 48000:1 96000:2; do
	rate=${layout%:*} channels=${layout#*:}
	enc "aac-$rate-$channels.m4a" -ar "$rate" -ac "$channels" -c:a aac -b:a 48k
	ref "aac-$rate-$channels.m4a"
done
# The same sound in other containers: compare with aac-44100-2.ref.wav.
pack() { name=$1; shift; ff -i aac-44100-2.m4a -map 0:a -c copy "$@" -flags +bitexact "$name"; }
pack faststart.m4a -movflags +faststart
pack isom.mp4
pack quicktime.mov
pack mobile.3gp
pack ipod.m4a -f ipod
pack fragmented.mp4 -movflags empty_moov+delay_moov+default_base_moof -frag_duration 100000
pack fragmented-base.mp4 -movflags empty_moov -frag_duration 100000
pack fragmented-hybrid.mp4 -movflags frag_keyframe -frag_duration 100000
ref fragmented-base.mp4 # without an edit list nobody knows that it begins with priming
ff -f lavfi -i color=c=red:s=16x16:d=0.04 -frames:v 1 "$work/cover.png"
ff -i aac-44100-2.m4a -i "$work/cover.png" -map 0:a -map 1:v -c copy -disposition:v attached_pic -flags +bitexact cover.m4a

for layout in 16000:1 24000:1 32000:2 44100:2 48000:1; do
	rate=${layout%:*} channels=${layout#*:}
	enc "mp3-$rate-$channels.mp3" -ar "$rate" -ac "$channels" -c:a libmp3lame -b:a 48k
	ref "mp3-$rate-$channels.mp3"
done
enc mp3-vbr.mp3 -ar 44100 -ac 1 -c:a libmp3lame -q:a 5 && ref mp3-vbr.mp3
enc mp3-22050-1.mp3 -ar 22050 -ac 1 -c:a libmp3lame -b:a 32k && ref mp3-22050-1.mp3
enc mp3-full.mp3 -ar 22050 -ac 2 -c:a libmp3lame -b:a 160k && ref mp3-full.mp3 # as much as frames hold
enc mp3-bare.mp3 -ar 44100 -ac 1 -c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0 && ref mp3-bare.mp3

# From one channel: mixing two down while coding, FFmpeg makes float 3 dB louder than integers.
ff -i "$work/src.wav" -ac 1 -c:a pcm_s16le "$work/mono.wav"
one() { name=$1; shift; ff -i "$work/mono.wav" -map_metadata -1 "$@" -flags:a +bitexact "$name"; }
for codec in u8 s16le s24le s32le f32le f64le alaw mulaw; do
	one "wav-$codec.wav" -ar 8000 -c:a "pcm_$codec"
done
sox -D wav-s16le.wav wav-extensible.wav remix 1 1 1
ff -i "$work/mono.wav" -map_metadata -1 -ar 8000 -f wav - >wav-piped.wav
ref wav-s16le.wav
mv wav-s16le.ref.wav wav.ref.wav

# What the built-in decoder refuses by name.
short="-t 0.1"
enc refused-alac.m4a $short -ar 8000 -ac 1 -c:a alac
enc refused-opus.mp4 $short -ar 48000 -ac 1 -c:a libopus -b:a 24k
enc refused-mp3.mp4 $short -ar 44100 -ac 1 -c:a libmp3lame -b:a 32k
enc refused-ac3.mp4 $short -ar 48000 -ac 1 -c:a ac3 -b:a 64k
enc refused-flac.mp4 $short -ar 8000 -ac 1 -c:a flac -strict -2
enc refused-pcm.mov $short -ar 8000 -ac 1 -c:a pcm_s16le
enc refused-surround.m4a $short -ar 8000 -ac 6 -c:a aac -b:a 32k
ff -i aac-8000-1.m4a -f lavfi -i color=c=red:s=16x16:d=0.1 -c:a copy -c:v mpeg4 -flags +bitexact refused-video.mp4
enc refused-msadpcm.wav $short -ar 8000 -ac 1 -c:a adpcm_ms
enc refused-imaadpcm.wav $short -ar 8000 -ac 1 -c:a adpcm_ima_wav
sox -D "$work/src.wav" -r 8000 -c 1 -e gsm-full-rate refused-gsm.wav trim 0 0.1
enc refused-11025.mp3 $short -ar 11025 -ac 1 -c:a libmp3lame -b:a 16k

# What the full decoder adds.
for rate in 8000 11025 12000; do
	enc "full-$rate.mp3" -ar "$rate" -ac 1 -c:a libmp3lame -b:a 24k && ref "full-$rate.mp3"
done
enc full-alac.m4a -ar 44100 -ac 2 -c:a alac && ref full-alac.m4a
ff -i full-alac.m4a -c copy -movflags empty_moov+delay_moov+default_base_moof -frag_duration 100000 -flags +bitexact full-alac-fragmented.mp4
opus="-ar 48000 -ac 1 -c:a libopus -b:a 24k -application voip"
enc full-opus.ogg $opus && ref full-opus.ogg
enc full-opus.webm $opus
ff -i "$work/src.wav" -map_metadata -1 $opus -flags:a +bitexact -f webm - >full-opus-piped.webm # as browsers record: no length, no index
enc full-opus.mp4 $opus
enc full-vorbis.ogg -ar 22050 -ac 1 -c:a libvorbis -q:a 1 && ref full-vorbis.ogg
enc full-amr.amr -ar 8000 -ac 1 -c:a libopencore_amrnb -b:a 12.2k && ref full-amr.amr
enc full-amr-in.3gp -ar 8000 -ac 1 -c:a libopencore_amrnb -b:a 12.2k && ref full-amr-in.3gp
enc full-amrwb.amr -ar 16000 -ac 1 -c:a libvo_amrwbenc -b:a 23.85k && ref full-amrwb.amr
enc full-msadpcm.wav -ar 16000 -ac 1 -c:a adpcm_ms && ref full-msadpcm.wav
enc full-imaadpcm.wav -ar 16000 -ac 1 -c:a adpcm_ima_wav && ref full-imaadpcm.wav
ff -f lavfi -i color=c=red:s=16x16:d=0.3 -i "$work/src.wav" -c:v libvpx $opus -flags +bitexact refused-video.webm
ff -f lavfi -i color=c=red:s=16x16:d=0.3 -i full-opus.webm -map 0:v -map 1:a -c:v mjpeg -pix_fmt yuvj420p -c:a copy -flags +bitexact refused-motion-jpeg.mkv
enc refused-flac.ogg $short -ar 8000 -ac 1 -c:a flac
