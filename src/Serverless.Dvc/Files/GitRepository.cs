using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Serverless.Core;
using Serverless.Data.Git;

namespace Serverless.Dvc.Files;

/// <summary>Reads a Git repository with the `git` program, which supports every format of it.</summary>
internal sealed class GitRepository(string root) : IDisposable
{
    private readonly GitTool tool = new(root);
    private Process? reader;

    /// <summary>Gets the top folder of the work tree.</summary>
    public string Root { get; } = root;

    public bool HasCommits => tool.HasCommits;

    /// <summary>Gets the current branch; null for a detached head.</summary>
    public string? ActiveBranch => Try("symbolic-ref", "--short", "-q", "HEAD");

    /// <summary>Returns true if a tracked file differs from the last commit.</summary>
    public bool IsDirty => Try("diff", "--quiet", "HEAD", "--") is null;

    public IReadOnlyList<string> Branches => Lines("for-each-ref", "--format=%(refname:short)", "refs/heads");

    public IReadOnlyList<string> Tags => Lines("for-each-ref", "--format=%(refname:short)", "refs/tags");

    public IReadOnlyList<string> Commits => Lines("rev-list", "--branches", "--tags", "HEAD");

    /// <summary>Resolves a revision to a commit.</summary>
    public string Resolve(string revision) => tool.Resolve(revision);

    /// <summary>Lists the files of a commit: path from the root, and the object.</summary>
    public IEnumerable<(string Path, string Object, bool IsLink)> Files(string commit) =>
        tool.Files(commit).Where(f => f.Mode != "160000").Select(f => (f.Path, f.Object, f.Mode == "120000"));

    /// <summary>Returns the bytes of an object. A single `git cat-file` process serves all of them.</summary>
    public byte[] Read(string id)
    {
        reader ??= Start(["cat-file", "--batch"]);
        var stream = reader.StandardOutput.BaseStream;
        reader.StandardInput.Write(id + "\n");
        reader.StandardInput.Flush();
        var head = ReadLine(stream).Split(' ');
        if (head.Length < 3)
        {
            throw new FileNotFoundException($"Git has no object {id}.");
        }

        var bytes = new byte[int.Parse(head[2], CultureInfo.InvariantCulture)];
        stream.ReadExactly(bytes);
        stream.ReadByte();
        return bytes;
    }

    public void Dispose()
    {
        if (reader is not null)
        {
            reader.StandardInput.Close();
            reader.WaitForExit();
            reader.Dispose();
        }
    }

    private static string ReadLine(Stream stream)
    {
        var line = new StringBuilder();
        for (var c = stream.ReadByte(); c is not ('\n' or -1); c = stream.ReadByte())
        {
            line.Append((char)c);
        }

        return line.ToString();
    }

    private IReadOnlyList<string> Lines(params string[] arguments) => Run(arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string Run(params string[] arguments) =>
        Try(out var error, arguments) ?? throw ServerlessException.Invalid($"git {arguments[0]}: {error.Trim()}");

    private string? Try(params string[] arguments) => Try(out _, arguments)?.Trim();

    private string? Try(out string error, string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        error = errors.GetAwaiter().GetResult();
        return process.ExitCode == 0 ? text : null;
    }

    private Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", Root, "-c", "core.quotePath=false", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                $"Cannot start git: {e.Message}.",
                "Install git, which is required to read older revisions.",
                inner: e
            );
        }
    }
}
