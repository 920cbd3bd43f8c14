namespace Serverless.Data;

/// <summary>Makes files that are links into the cache files of their own, so that they may be written.</summary>
public static class Unprotection
{
    public static void Free(string path)
    {
        if (Directory.Exists(path))
        {
            foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
            {
                FreeFile(file);
            }
        }
        else if (File.Exists(path))
        {
            FreeFile(path);
        }
    }

    private static void FreeFile(string path)
    {
        var temporary = TemporaryFiles.Beside(path);
        FileLinks.Copy(path, temporary);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(temporary, File.GetUnixFileMode(path) | UnixFileMode.UserWrite);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
