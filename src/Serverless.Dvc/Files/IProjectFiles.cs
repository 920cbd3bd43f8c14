namespace Serverless.Dvc.Files;

/// <summary>
/// Gives access to the files of a project by full path: those of the work tree, or of a Git revision as if they were there.
/// </summary>
internal interface IProjectFiles
{
    bool FileExists(string path);

    bool FolderExists(string path);

    /// <summary>Reads a file. Throws <see cref="FileNotFoundException"/> if it does not exist.</summary>
    byte[] Read(string path);

    /// <summary>Lists the names in a folder, sorted by code point.</summary>
    IEnumerable<(string Name, bool IsFolder)> List(string folder);
}

internal static class ProjectFilesExtensions
{
    /// <summary>Lists all files below a folder by full path.</summary>
    public static IEnumerable<string> Below(this IProjectFiles files, string folder) =>
        files.List(folder).SelectMany(e => e.IsFolder ? files.Below(Path.Combine(folder, e.Name)) : [Path.Combine(folder, e.Name)]);
}
