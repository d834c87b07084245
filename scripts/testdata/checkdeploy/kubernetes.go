package main

import (
	"fmt"
	"path/filepath"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// cluster is what the manifests of one kustomization make.
type cluster struct {
	deployments []*appsv1.Deployment
	jobs        []*batchv1.Job
	crons       []*batchv1.CronJob
	services    []*corev1.Service
	scalers     []*autoscalingv2.HorizontalPodAutoscaler
	budgets     []*policyv1.PodDisruptionBudget
	ingresses   []*networkingv1.Ingress
	config      []string // names of ConfigMaps
	accounts    []string // names of ServiceAccounts
}

// checkKubernetes builds all kustomizations and looks at each object, at how they hang together, and that one image is in all of them.
func checkKubernetes(f *findings, dir, swagger string) {
	described, err := readDescription(swagger)
	if f.failed(err) {
		return
	}
	images := map[string]bool{}
	for _, name := range []string{"migrate", "app", "backup"} {
		f.in(name, func(f *findings) {
			built := build(f, filepath.Join(dir, name), described)
			if built == nil {
				return
			}
			built.check(f)
			for _, pod := range built.pods() {
				for _, container := range append(pod.Spec.InitContainers, pod.Spec.Containers...) {
					images[container.Image] = true
				}
			}
		})
	}
	if len(images) != 1 {
		f.add("the migration, the daemons and the backup are of different images: %v", images)
	}
}

// build returns the objects of a kustomization, or nil where there are none to be had.
func build(f *findings, dir string, described *description) *cluster {
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if f.failed(err) {
		return nil
	}
	decode, err := strictDecoder()
	if f.failed(err) {
		return nil
	}
	c := &cluster{}
	for _, object := range objects.Resources() {
		f.in(object.GetKind()+" "+object.GetName(), func(f *findings) {
			content, err := object.AsYAML()
			if f.failed(err) {
				return
			}
			f.failed(described.check(object.GetGvk().Group, object.GetGvk().Version, object.GetKind(), content))
			decoded, _, err := decode(content)
			if !f.failed(err) {
				c.add(f, decoded)
			}
		})
	}
	return c
}

// strictDecoder refuses fields that there are not, and those that stand there twice.
func strictDecoder() (func([]byte) (runtime.Object, string, error), error) {
	scheme := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(appsv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme)
	if err := builder.AddToScheme(scheme); err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	return func(content []byte) (runtime.Object, string, error) {
		object, kind, err := decoder.Decode(content, nil, nil)
		if err != nil {
			return nil, "", err
		}
		return object, kind.Kind, nil
	}, nil
}

func (c *cluster) add(f *findings, object runtime.Object) {
	switch o := object.(type) {
	case *appsv1.Deployment:
		c.deployments = append(c.deployments, o)
	case *batchv1.Job:
		c.jobs = append(c.jobs, o)
	case *batchv1.CronJob:
		c.crons = append(c.crons, o)
	case *corev1.Service:
		c.services = append(c.services, o)
	case *autoscalingv2.HorizontalPodAutoscaler:
		c.scalers = append(c.scalers, o)
	case *policyv1.PodDisruptionBudget:
		c.budgets = append(c.budgets, o)
	case *networkingv1.Ingress:
		c.ingresses = append(c.ingresses, o)
	case *corev1.ConfigMap:
		c.config = append(c.config, o.Name)
	case *corev1.ServiceAccount:
		c.accounts = append(c.accounts, o.Name)
	case *corev1.Namespace, *networkingv1.NetworkPolicy:
	default:
		f.add("nobody looks at a %T", object)
	}
}

func (c *cluster) pods() []corev1.PodTemplateSpec {
	var pods []corev1.PodTemplateSpec
	for _, d := range c.deployments {
		pods = append(pods, d.Spec.Template)
	}
	for _, j := range c.jobs {
		pods = append(pods, j.Spec.Template)
	}
	for _, j := range c.crons {
		pods = append(pods, j.Spec.JobTemplate.Spec.Template)
	}
	return pods
}

func (c *cluster) check(f *findings) {
	if len(c.pods()) == 0 {
		f.add("nothing runs")
	}
	restricted, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if f.failed(err) {
		return
	}
	for _, pod := range c.pods() {
		for _, result := range restricted.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}, &pod.ObjectMeta, &pod.Spec) {
			if !result.Allowed {
				f.add("not within the profile \"restricted\": %s: %s", result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
		c.checkPod(f, &pod.Spec)
	}
	for _, d := range c.deployments {
		c.checkDeployment(f, d)
	}
	for _, j := range c.crons {
		if j.Spec.ConcurrencyPolicy != batchv1.ForbidConcurrent {
			f.add("%s may run twice at a time", j.Name)
		}
	}
	for _, i := range c.ingresses {
		c.checkIngress(f, i)
	}
}

func (c *cluster) checkPod(f *findings, pod *corev1.PodSpec) {
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		f.add("the pod gets a token of the cluster")
	}
	if !slices.Contains(c.accounts, pod.ServiceAccountName) {
		f.add("there is no ServiceAccount %q", pod.ServiceAccountName)
	}
	for _, container := range append(pod.InitContainers, pod.Containers...) {
		if s := container.SecurityContext; s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
			f.add("%s can write to its image", container.Name)
		}
		if container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Cpu().IsZero() {
			f.add("%s has no limit of memory, or asks for no processor", container.Name)
		}
		for _, from := range container.EnvFrom {
			if from.ConfigMapRef == nil || !slices.Contains(c.config, from.ConfigMapRef.Name) {
				f.add("%s has its settings from elsewhere than a ConfigMap that is there: %+v", container.Name, from)
			}
		}
		for _, v := range container.Env {
			if v.ValueFrom != nil {
				f.add("%s is in the environment: it should be a file", v.Name)
			}
		}
		checkMounts(f, pod, container)
	}
}

func checkMounts(f *findings, pod *corev1.PodSpec, container corev1.Container) {
	for _, mount := range container.VolumeMounts {
		if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name }) {
			f.add("%s mounts %s, which is no volume", container.Name, mount.Name)
		}
	}
}

// checkDeployment: it is found by what is meant for it, and is let go of in time.
func (c *cluster) checkDeployment(f *findings, d *appsv1.Deployment) {
	pod := labels.Set(d.Spec.Template.Labels)
	selects := func(kind, name string, selector *metav1.LabelSelector) {
		s, err := metav1.LabelSelectorAsSelector(selector)
		if !f.failed(err) && !s.Matches(pod) {
			f.add("%s %s selects no pod of %s", kind, name, d.Name)
		}
	}
	selects("Deployment", d.Name, d.Spec.Selector)
	for _, b := range c.budgets {
		selects("PodDisruptionBudget", b.Name, b.Spec.Selector)
	}
	for _, s := range c.services {
		selects("Service", s.Name, &metav1.LabelSelector{MatchLabels: s.Spec.Selector})
		for _, port := range s.Spec.Ports {
			if !hasPort(d, port.TargetPort.String()) {
				f.add("Service %s leads to port %s, which no container has", s.Name, port.TargetPort.String())
			}
		}
	}
	for _, h := range c.scalers {
		if target := h.Spec.ScaleTargetRef; target.Kind != "Deployment" || target.Name != d.Name || d.Spec.Replicas != nil {
			f.add("%s scales %s %s; the Deployment %s has %v replicas of its own", h.Name, target.Kind, target.Name, d.Name, d.Spec.Replicas)
		}
	}
	if len(c.budgets) == 0 || len(c.services) == 0 || len(c.scalers) == 0 || len(c.ingresses) == 0 {
		f.add("a Service, an Ingress, a PodDisruptionBudget or a HorizontalPodAutoscaler is missing")
	}
	main := d.Spec.Template.Spec.Containers[0]
	for name, probe := range map[string]*corev1.Probe{"startup": main.StartupProbe, "liveness": main.LivenessProbe, "readiness": main.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil || !hasPort(d, probe.HTTPGet.Port.String()) {
			f.add("there is no %s probe, or it asks a port that is not there", name)
		}
	}
}

func hasPort(d *appsv1.Deployment, name string) bool {
	for _, container := range d.Spec.Template.Spec.Containers {
		for _, port := range container.Ports {
			if port.Name == name || fmt.Sprint(port.ContainerPort) == name {
				return true
			}
		}
	}
	return false
}

func (c *cluster) checkIngress(f *findings, i *networkingv1.Ingress) {
	for _, rule := range i.Spec.Rules {
		for _, path := range rule.HTTP.Paths {
			to := path.Backend.Service
			if !slices.ContainsFunc(c.services, func(s *corev1.Service) bool {
				return s.Name == to.Name && slices.ContainsFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == to.Port.Name })
			}) {
				f.add("Ingress %s leads to %s, port %s, which is not there", i.Name, to.Name, to.Port.Name)
			}
		}
	}
}
