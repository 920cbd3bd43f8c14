using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Params;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Pointers;

/// <summary>A `.dvc` file, which represents data in git. Edits are in place.</summary>
public sealed class PointerFile
{
    public const string Extension = ".dvc";

    private readonly string text;

    private PointerFile(Repository repository, string path, string text, DataMap document)
    {
        (Path, this.text, Document) = (path, text, document);
        Name = System.IO.Path.GetRelativePath(Environment.CurrentDirectory, path).Replace('\\', '/');
        Folder = System.IO.Path.GetFullPath(
            System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, document["wdir"]?.AsText ?? ".")
        );
        Outputs = Entries("outs");
        Dependencies = Entries("deps");
        RepositoryPath = repository.Relative(path);
    }

    public string Path { get; }

    /// <summary>Gets the path relative to the current folder, for messages.</summary>
    public string Name { get; }

    /// <summary>Gets the path relative to the repository's root.</summary>
    public string RepositoryPath { get; }

    public DataMap Document { get; }

    /// <summary>Gets the folder that the entries' paths are relative to.</summary>
    public string Folder { get; }

    public IReadOnlyList<OutputEntry> Outputs { get; }

    public IReadOnlyList<OutputEntry> Dependencies { get; }

    public bool IsFrozen => Document["frozen"]?.AsBool ?? false;

    /// <summary>Gets a value that indicates whether the data was imported, so that `mlops update` checks its source.</summary>
    public bool IsImport => Dependencies.Count == 1 && Outputs.Count == 1 && Document["cmd"] is null;

    /// <summary>Reads a pointer. Errors carry file and line.</summary>
    public static PointerFile Load(Repository repository, string path)
    {
        var name = System.IO.Path.GetRelativePath(Environment.CurrentDirectory, path);
        return Parse(repository, path, TextFile.Read(path, name));
    }

    /// <summary>Reads a pointer's text, for example from another revision.</summary>
    public static PointerFile Parse(Repository repository, string path, string text)
    {
        var name = System.IO.Path.GetRelativePath(Environment.CurrentDirectory, path);
        var root = YamlReader.Parse(text, name);
        var document = root as DataMap ?? (root.IsNull ? DataMap.Empty : throw Wrong(name, root.Line, "expected a map of keys"));
        foreach (var key in (string[])["outs", "deps"])
        {
            if (
                document[key] is { IsNull: false } entries
                && (entries as DataList)?.Items.All(i => i is DataMap map && map["path"]?.AsText is { Length: > 0 }) is not true
            )
            {
                throw Wrong(name, document.LineOf(key), $"'{key}' must be a list of maps with a 'path'");
            }
        }

        return new PointerFile(repository, path, text, document);
    }

    /// <summary>Creates a new pointer.</summary>
    public static PointerFile New(Repository repository, string path, DataMap document) => new(repository, path, "", document);

    /// <summary>Returns the absolute path of an entry.</summary>
    public string PathOf(OutputEntry entry) => System.IO.Path.GetFullPath(System.IO.Path.Combine(Folder, entry.Path));

    /// <summary>Writes a changed document to the file, or creates the file.</summary>
    public void Save(DataMap document) => TemporaryFiles.WriteText(Path, YamlEditor.Apply(text, Name, document));

    private List<OutputEntry> Entries(string key) =>
        Document[key] is DataList list ? [.. list.Items.Select(i => new OutputEntry((DataMap)i))] : [];

    private static ServerlessException Wrong(string file, int line, string what) =>
        ServerlessException.Invalid(
            $"'{file}' validation failed: {what}, line {line}",
            [new Diagnostic(file, line, what, "Use the format that `mlops add` writes.")]
        );
}
