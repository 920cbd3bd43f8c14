using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage.Content;

namespace Serverless.Pipelines.Execution;

/// <summary>
/// The folder of one attempt, which contains only its inputs at the paths of the pipeline file. Paths may lead above the pipeline's folder
/// (`../data/x`), so that folder is nested as deep as the highest of them requires.
/// </summary>
internal sealed class TaskWorkspace : ArtifactPaths, IDisposable
{
    private readonly string root;
    private readonly IReadOnlyDictionary<string, StagedInput> inputs;

    private TaskWorkspace(string root, string folder, IReadOnlyList<StagedInput> inputs)
    {
        this.root = root;
        Folder = folder;
        this.inputs = inputs.ToDictionary(i => i.Path);
    }

    /// <summary>Gets the pipeline's folder within the workspace.</summary>
    public string Folder { get; }

    public string Scratch => Path.Combine(root, "scratch");

    public static async Task<TaskWorkspace> StageAsync(
        ContentStore content,
        string workRoot,
        TaskCall call,
        IReadOnlyList<StagedInput> inputs,
        CancellationToken cancellationToken
    )
    {
        var root = Path.Combine(workRoot, Ids.NewId());
        var workingDirectory = call.Component is ComponentSpec.Command command ? command.WorkingDirectory : "";
        var paths = inputs.Select(i => i.Path).Concat(call.Outputs.Select(o => o.Path)).Append(workingDirectory).ToList();
        var depth = paths.Max(p => p.Split('/').TakeWhile(part => part == "..").Count());
        var folder = Path.Combine(root, "tree", Path.Combine([.. Enumerable.Repeat("w", depth)]));
        var workspace = new TaskWorkspace(root, folder, inputs);
        try
        {
            Directory.CreateDirectory(workspace.At(workingDirectory));
            // A folder before its content, and each only once.
            foreach (var input in inputs.OrderBy(i => i.Path, StringComparer.Ordinal))
            {
                var at = workspace.At(input.Path);
                if (!File.Exists(at) && !(Directory.Exists(at) && !input.Content.IsDirectory))
                {
                    await content.GetAsync(input.Content, at, cancellationToken);
                }
            }

            foreach (var output in call.Outputs)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(workspace.At(output.Path))!);
            }

            return workspace;
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
    }

    public string At(string path) => Path.GetFullPath(Path.Combine(Folder, path));

    /// <summary>Rewrites an error to use the pipeline's file names, because the folder of the attempt will be gone.</summary>
    public ServerlessException InItsWords(ServerlessException e)
    {
        var prefix = Folder + Path.DirectorySeparatorChar;
        return new ServerlessException(
            e.Code,
            e.Message.Replace(prefix, "", StringComparison.Ordinal),
            e.Fix?.Replace(prefix, "", StringComparison.Ordinal),
            e.Status,
            e.IsRetryable,
            [
                .. e.Diagnostics.Select(d =>
                    d with
                    {
                        File = d.File.Replace(prefix, "", StringComparison.Ordinal),
                        Message = d.Message.Replace(prefix, "", StringComparison.Ordinal),
                    }
                ),
            ],
            e
        );
    }

    public override InputPath Input(string name) => new(At(name), name, DigestOf(name, inputs.Values));

    public override OutputPath Output(string name) => new(At(name), name);

    public void Dispose()
    {
        try
        {
            if (Directory.Exists(root))
            {
                Directory.Delete(root, recursive: true);
            }
        }
        catch (IOException)
        {
            // A process that outlived its task may still write here. The next start of the host clears the folder.
        }
        catch (UnauthorizedAccessException) { }
    }
}
