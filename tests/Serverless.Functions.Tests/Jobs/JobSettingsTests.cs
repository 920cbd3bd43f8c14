using Serverless.Core;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Model;
using Serverless.Testing;

namespace Serverless.Functions.Tests.Jobs;

public sealed class JobSettingsTests
{
    [Theory]
    [InlineData(null, "4Gi", 2, "4Gi")]
    [InlineData(1.0, null, 1, "2Gi")]
    [InlineData(0.3, "500Mi", 0.5, "1Gi")]
    [InlineData(1.0, "3G", 1.5, "3Gi")]
    public void A_size_is_the_smallest_that_has_what_was_asked_for(double? cpu, string? memory, double cores, string gibibytes)
    {
        var size = JobSize.Of(new ResourceSpec { Cpu = cpu, Memory = memory })!;

        Assert.Equal((cores, gibibytes), (size.Cpu, size.Memory));
    }

    [Theory]
    [InlineData("t4", "Consumption-GPU-NC8as-T4")]
    [InlineData("A100", "Consumption-GPU-NC24-A100")]
    [InlineData("NVIDIA_TESLA_A100:1", "Consumption-GPU-NC24-A100")]
    [InlineData("nvidia.com/gpu:1", "Consumption-GPU-NC8as-T4")]
    [InlineData("1", "Consumption-GPU-NC8as-T4")]
    public void A_gpu_is_a_profile(string gpu, string profile) =>
        Assert.Equal(profile, JobSize.Of(new ResourceSpec { Gpu = gpu })!.Profile);

    [Fact]
    public void What_no_container_has_is_told()
    {
        Assert.Contains("at most 4 cores", Assert.Throws<ServerlessException>(() => JobSize.Of(new ResourceSpec { Cpu = 5 })).Message);
        Assert.Contains("no GPU 'h100'", Assert.Throws<ServerlessException>(() => JobSize.Of(new ResourceSpec { Gpu = "h100" })).Message);
        Assert.Contains(
            "not an amount",
            Assert.Throws<ServerlessException>(() => JobSize.Of(new ResourceSpec { Memory = "much" })).Message
        );
        Assert.Contains("requests 2 GPUs", Assert.Throws<ServerlessException>(() => JobSize.Of(new ResourceSpec { Gpu = "t4:2" })).Message);
        Assert.Null(JobSize.Of(new ResourceSpec { Image = "x" }));
        Assert.Null(JobSize.Of(new ResourceSpec { Gpu = "0" }));
    }

    [Fact]
    public void Settings_are_checked_at_the_start_all_at_once()
    {
        Assert.Null(ContainerJobOptions.From(_ => null));
        var e = Assert.Throws<ServerlessException>(() =>
            ContainerJobOptions.From(name =>
                name switch
                {
                    "MLOPS_JOBS_RESOURCE_ID" => "train",
                    "MLOPS_JOBS_ENDPOINT" => "http://somewhere",
                    "MLOPS_JOBS_START_DEADLINE" => "soon",
                    _ => null,
                }
            )
        );
        Assert.Equal(["MLOPS_JOBS_RESOURCE_ID", "MLOPS_JOBS_ENDPOINT", "MLOPS_JOBS_START_DEADLINE"], e.Diagnostics.Select(d => d.File));

        var options = ContainerJobOptions.From(name =>
            name switch
            {
                "MLOPS_JOBS_RESOURCE_ID" or "MLOPS_JOBS_RESOURCE_ID_T4" => FakeArm.JobId,
                "AZURE_CLIENT_ID" => "me",
                _ => null,
            }
        )!;
        Assert.Equal(
            ("me", FakeArm.JobId, "https://management.azure.com/"),
            (options.ClientId, options.GpuJobIds["t4"], options.Endpoint.ToString())
        );
    }

    [Fact]
    public void The_sample_asks_for_a_gpu()
    {
        using var folder = new TestFolder();
        var sample = Path.Combine(AppContext.BaseDirectory, "gpu-train");
        foreach (var file in (string[])["dvc.yaml", "params.yaml", "train.py"])
        {
            folder.Write(file, File.ReadAllText(Path.Combine(sample, file)));
        }

        folder.Write("data/digits.csv", "p0,label\n");
        var task = Assert.Single(DvcYaml.Read(folder.Root, new ComponentCatalog()).Spec.Graph.Tasks);

        Assert.Equal(("t4", "registry.example/gpu-train:1"), (task.Resources!.Gpu, task.Resources.Image));
        Assert.Equal("Consumption-GPU-NC8as-T4", JobSize.Of(task.Resources)!.Profile);
        Assert.Equal((2, TimeSpan.FromHours(2)), (task.Retry!.Attempts, task.Timeout));
    }
}
