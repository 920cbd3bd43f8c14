using System.Diagnostics;
using Serverless.Data.Values;
using Serverless.Data.Yaml;
using Serverless.Dvc.Projects;
using Serverless.Dvc.Repro;
using Serverless.Testing;

namespace Serverless.Dvc.Tests.Repro;

/// <summary>A repository of a test's own, with Git and DVC.</summary>
internal sealed class ReproFolder : IDisposable
{
    private readonly TestFolder folder = new();

    public ReproFolder(string? dvcYaml = null)
    {
        Git("init", "-q");
        Write(".dvc/config", "");
        Write(".dvc/.gitignore", "/config.local\n/tmp\n/cache\n");
        if (dvcYaml is not null)
        {
            Write("dvc.yaml", dvcYaml);
        }
    }

    public string Root => folder.Root;

    public List<ReproEvent> Events { get; } = [];

    public static ReproFolder Of(string source)
    {
        var result = new ReproFolder();
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(result.Root, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        return result;
    }

    public string At(string path) => Path.Combine(Root, path);

    public ReproFolder Write(string path, string text)
    {
        folder.Write(path, text);
        return this;
    }

    public string Read(string path) => File.ReadAllText(At(path));

    public bool Has(string path) => Path.Exists(At(path));

    public async Task<ReproResult> ReproAsync(ReproOptions? options = null, CancellationToken cancellationToken = default)
    {
        Events.Clear();
        using var project = Project.Open(Root);
        return await Reproduction.RunAsync(project, options ?? new ReproOptions(), Tell, cancellationToken);
    }

    /// <summary>The stages that were not as the lock has them.</summary>
    public async Task<IReadOnlyList<string>> ReproducedAsync(ReproOptions? options = null)
    {
        var result = await ReproAsync(options);
        Assert.Null(result.Error);
        return result.Reproduced;
    }

    /// <summary>The stages whose command ran, in the order in which they started.</summary>
    public IReadOnlyList<string> Ran => [.. Events.OfType<ReproEvent.Running>().Select(e => e.Stage)];

    public DataMap Lock => (DataMap)YamlReader.Parse(Read("dvc.lock"), "dvc.lock");

    public IReadOnlyList<string> Files(string below) =>
        !Directory.Exists(At(below))
            ? []
            :
            [
                .. Directory
                    .EnumerateFiles(At(below), "*", SearchOption.AllDirectories)
                    .Select(f => Path.GetRelativePath(At(below), f))
                    .Order(StringComparer.Ordinal),
            ];

    public string Git(params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("git", ["-C", Root, "-c", "user.name=a", "-c", "user.email=a@b", .. arguments])
            {
                RedirectStandardOutput = true,
            }
        )!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return text;
    }

    public void Commit(string message)
    {
        Git("add", "-A");
        Git("commit", "-qm", message);
    }

    public void Dispose() => folder.Dispose();

    private void Tell(ReproEvent told)
    {
        lock (Events)
        {
            Events.Add(told);
        }
    }
}
