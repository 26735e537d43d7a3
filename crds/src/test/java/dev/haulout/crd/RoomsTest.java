package dev.haulout.crd;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which package may use which. */
@AnalyzeClasses(packages = "dev.haulout", importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {
    @ArchTest
    static final ArchRule theModelKnowsNothingOfItsReaders = noClasses()
            .that()
            .resideInAPackage("dev.haulout.crd")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.haulout.crd.*..");

    @ArchTest
    static final ArchRule nothingHereTalksToACluster = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.fabric8.kubernetes.client.KubernetesClient");
}
