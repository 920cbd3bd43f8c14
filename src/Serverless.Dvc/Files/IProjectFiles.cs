namespace Serverless.Dvc.Files;

/// <summary>The files of a project, by their full paths: those of the work tree, or those of a Git revision as if they lay there.</summary>
internal interface IProjectFiles
{
    bool FileExists(string path);

    bool FolderExists(string path);

    /// <summary>Throws <see cref="FileNotFoundException"/> if there is no such file.</summary>
    byte[] Read(string path);

    /// <summary>The names in a folder, sorted by code point.</summary>
    IEnumerable<(string Name, bool IsFolder)> List(string folder);
}

internal static class ProjectFilesExtensions
{
    /// <summary>All files below a folder, by their full paths.</summary>
    public static IEnumerable<string> Below(this IProjectFiles files, string folder) =>
        files.List(folder).SelectMany(e => e.IsFolder ? files.Below(Path.Combine(folder, e.Name)) : [Path.Combine(folder, e.Name)]);
}
