// The full audio decoder's half in C: FFmpeg decodes, this mixes to one channel and hands the sound over.
//
// It is compiled to a WebAssembly module that has no file, no network, no clock and no argument. What it reads and writes goes
// through the two functions of "host", which internal/audio/ffmpeg implements and which check every number. The name of
// decode_v1 says which version of this contract the module keeps.
//
// This file is ours. What it calls is FFmpeg, under the LGPL 2.1 or later: docs/licences.md.
#include <math.h>
#include <stdint.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#define IMPORT(n) __attribute__((import_module("host"), import_name(n)))
#define EXPORT(n) __attribute__((export_name(n)))

// read copies at most n bytes of the file, from the offset on, and returns how many.
IMPORT("read") int32_t host_read(int64_t offset, void *to, int32_t n);
// write takes n mono samples. Where it returns another value than 0, it wants no more.
IMPORT("write") int32_t host_write(const int16_t *samples, int32_t n, int32_t rate, int32_t channels);

// clock is what wasi-libc lacks and FFmpeg links against, to seed random numbers. No decoder here asks for one.
long long clock(void) { __builtin_trap(); }

// What went wrong. Keep in step with internal/audio/ffmpeg/decode.go.
enum status {
	DONE = 0,
	STOPPED = 1,   // by host_write
	BROKEN = 2,    // the container cannot be read
	SOUNDLESS = 3, // there is no sound track
	VIDEO = 4,     // there is a video track, and it is no cover picture
	UNKNOWN = 5,   // nothing here decodes the codec, or this kind of it
	UNDECODABLE = 6,
	NO_MEMORY = 7,
};

// Read by the host, byte for byte.
static struct result {
	int32_t status;
	int32_t profile;   // of the codec, in FFmpeg's numbers; negative if not known
	int64_t length_us; // by the file's own word; negative if it does not say
	int64_t bytes;     // of coded sound
	char codec[32];
} result;

enum {
	READ_BUFFER = 32 << 10,
	PROBE_BYTES = 1 << 20,
	PROBE_US = 2 * AV_TIME_BASE,
	MIX_SAMPLES = 4096,
	MAX_ERRORS = 64, // packets in a row that cannot be decoded
};

struct source {
	int64_t at, size;
};

static int read_source(void *opaque, uint8_t *to, int n) {
	struct source *s = opaque;
	int32_t got = host_read(s->at, to, n);
	if (got <= 0)
		return AVERROR_EOF;
	s->at += got;
	return got;
}

static int64_t seek_source(void *opaque, int64_t offset, int whence) {
	struct source *s = opaque;
	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return s->size;
	case SEEK_CUR:
		offset += s->at;
		break;
	case SEEK_END:
		offset += s->size;
		break;
	}
	if (offset < 0 || offset > s->size)
		return AVERROR(EINVAL);
	return s->at = offset;
}

// add_channel adds n samples of a channel, as parts of full scale.
static void add_channel(float *sum, const AVFrame *f, int channel, int begin, int n) {
	int planar = av_sample_fmt_is_planar(f->format), channels = f->ch_layout.nb_channels;
	const uint8_t *plane = f->extended_data[planar ? channel : 0];
	int stride = planar ? 1 : channels, first = planar ? begin : begin * channels + channel;
#define ADD(type, silence, full) \
	for (int i = 0; i < n; i++) \
		sum[i] += (((const type *)plane)[first + i * stride] - silence) / full; \
	break
	switch (av_get_packed_sample_fmt(f->format)) {
	case AV_SAMPLE_FMT_U8:
		ADD(uint8_t, 128, 128.f);
	case AV_SAMPLE_FMT_S16:
		ADD(int16_t, 0, 32768.f);
	case AV_SAMPLE_FMT_S32:
		ADD(int32_t, 0, 2147483648.f);
	case AV_SAMPLE_FMT_S64:
		ADD(int64_t, 0, 9223372036854775808.f);
	case AV_SAMPLE_FMT_FLT:
		ADD(float, 0, 1.f);
	case AV_SAMPLE_FMT_DBL:
		ADD(double, 0, 1.f);
	default:
		break;
	}
}

// to_16_bit takes full scale as 1. What is louder is clipped; what is no number is silence.
static int16_t to_16_bit(float x) {
	x *= 32768;
	if (isnan(x))
		return 0;
	return lrintf(fmaxf(-32768, fminf(32767, x)));
}

// hand_over mixes a frame, each channel counted alike, and gives it to the host.
static int hand_over(const AVFrame *f) {
	static float sum[MIX_SAMPLES];
	static int16_t mixed[MIX_SAMPLES];
	int channels = f->ch_layout.nb_channels;
	for (int begin = 0; begin < f->nb_samples; begin += MIX_SAMPLES) {
		int n = FFMIN(MIX_SAMPLES, f->nb_samples - begin);
		memset(sum, 0, sizeof sum);
		for (int c = 0; c < channels; c++)
			add_channel(sum, f, c, begin, n);
		for (int i = 0; i < n; i++)
			mixed[i] = to_16_bit(sum[i] / channels);
		if (host_write(mixed, n, f->sample_rate, channels))
			return STOPPED;
	}
	return DONE;
}

// is_picture says that a video track is a cover: one picture. Many of them are a video.
static int is_picture(const AVStream *stream) {
	switch (stream->codecpar->codec_id) {
	case AV_CODEC_ID_MJPEG:
	case AV_CODEC_ID_PNG:
	case AV_CODEC_ID_GIF:
	case AV_CODEC_ID_BMP:
		if (stream->nb_frames == 1)
			return 1;
		break;
	default:
		break;
	}
	return stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
}

// find_sound returns the first sound track, or a negative status.
static int find_sound(AVFormatContext *file) {
	int sound = -SOUNDLESS;
	for (unsigned i = 0; i < file->nb_streams; i++) {
		AVStream *stream = file->streams[i];
		switch (stream->codecpar->codec_type) {
		case AVMEDIA_TYPE_AUDIO:
			if (sound < 0)
				sound = i;
			break;
		case AVMEDIA_TYPE_VIDEO:
			if (!is_picture(stream))
				return -VIDEO;
			break;
		default:
			break;
		}
	}
	for (unsigned i = 0; i < file->nb_streams; i++)
		if ((int)i != sound)
			file->streams[i]->discard = AVDISCARD_ALL;
	return sound;
}

static int status_of(int error) {
	switch (error) {
	case AVERROR(ENOMEM):
		return NO_MEMORY;
	case AVERROR_PATCHWELCOME:
	case AVERROR_DECODER_NOT_FOUND:
		return UNKNOWN;
	default:
		return UNDECODABLE;
	}
}

// receive hands over all that the decoder has ready.
static int receive(AVCodecContext *codec, AVFrame *frame) {
	for (;;) {
		int error = avcodec_receive_frame(codec, frame);
		if (error == AVERROR(EAGAIN) || error == AVERROR_EOF)
			return DONE;
		if (error < 0)
			return status_of(error);
		int status = hand_over(frame);
		av_frame_unref(frame);
		if (status != DONE)
			return status;
	}
}

// decode_packets decodes one packet after the other. A few that are damaged leave a gap, as players have it.
static int decode_packets(AVFormatContext *file, int sound, AVCodecContext *codec, AVPacket *packet, AVFrame *frame) {
	int failed = 0;
	while (av_read_frame(file, packet) >= 0) {
		int status = DONE;
		if (packet->stream_index == sound) {
			result.bytes += packet->size;
			int error = avcodec_send_packet(codec, packet);
			status = error < 0 ? status_of(error) : receive(codec, frame);
		}
		av_packet_unref(packet);
		if (status == STOPPED || status == NO_MEMORY || status == UNKNOWN)
			return status;
		failed = status == DONE ? 0 : failed + 1;
		if (failed > MAX_ERRORS)
			return status;
	}
	if (file->pb->error < 0 && file->pb->error != AVERROR_EOF)
		return BROKEN;
	avcodec_send_packet(codec, 0);
	return receive(codec, frame);
}

static int decode_sound(AVFormatContext *file, int sound, AVCodecContext *codec) {
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	int status = packet && frame ? decode_packets(file, sound, codec, packet, frame) : NO_MEMORY;
	result.profile = codec->profile;
	return status;
}

static int decode_file(AVFormatContext *file) {
	if (avformat_find_stream_info(file, 0) < 0)
		return BROKEN;
	int sound = find_sound(file);
	if (sound < 0)
		return -sound;
	AVStream *stream = file->streams[sound];
	strncpy(result.codec, avcodec_get_name(stream->codecpar->codec_id), sizeof result.codec - 1);
	if (file->duration_estimation_method == AVFMT_DURATION_FROM_STREAM && file->duration > 0)
		result.length_us = file->duration;
	const AVCodec *decoder = avcodec_find_decoder(stream->codecpar->codec_id);
	if (!decoder)
		return UNKNOWN;
	AVCodecContext *codec = avcodec_alloc_context3(decoder);
	if (!codec)
		return NO_MEMORY;
	int error = avcodec_parameters_to_context(codec, stream->codecpar);
	codec->pkt_timebase = stream->time_base; // so that what edit lists and encoders' delays leave out is left out
	if (error < 0 || (error = avcodec_open2(codec, decoder, 0)) < 0)
		return status_of(error);
	return decode_sound(file, sound, codec);
}

static int open_and_decode(const char *container, int64_t size) {
	static struct source source;
	source.size = size;
	AVFormatContext *file = avformat_alloc_context();
	unsigned char *buffer = av_malloc(READ_BUFFER);
	if (!file || !buffer)
		return NO_MEMORY;
	file->pb = avio_alloc_context(buffer, READ_BUFFER, 0, &source, read_source, 0, seek_source);
	if (!file->pb)
		return NO_MEMORY;
	file->probesize = PROBE_BYTES;
	file->max_analyze_duration = PROBE_US;
	file->max_streams = 16;
	const AVInputFormat *demuxer = av_find_input_format(container);
	if (!demuxer)
		return UNKNOWN;
	int error = avformat_open_input(&file, 0, demuxer, 0);
	if (error < 0)
		return error == AVERROR(ENOMEM) ? NO_MEMORY : BROKEN;
	return decode_file(file);
}

// containers are the demuxers by the number that decode_v1 takes.
static const char *const containers[] = {"mp3", "wav", "mov", "ogg", "matroska", "amr"};

// decode_v1 decodes a file of so many bytes. It is called once in the life of an instance, which ends with all its memory:
// so nothing is freed here.
EXPORT("decode_v1") const struct result *decode_v1(uint32_t container, int64_t size) {
	av_log_set_level(AV_LOG_QUIET);
	result.length_us = -1;
	result.profile = -1;
	result.status = container < FF_ARRAY_ELEMS(containers) ? open_and_decode(containers[container], size) : UNKNOWN;
	return &result;
}
